import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process that takes one order at a time, and answers each. */
export type OrderTaker<Order extends object, Outcome> = { run(order: Order): Promise<Outcome> }

/** Starts a program of ours that answers each message with one. It ends with `resources`. */
export function startOrderTaker<Order extends object, Outcome>(
  program: string,
  resources: AsyncDisposableStack,
): OrderTaker<Order, Outcome> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: {} })
  const ended = once(child, 'exit')
  resources.defer(async () => {
    if (child.connected) child.disconnect()
    await ended
  })
  return {
    async run(order) {
      child.send(order)
      const [outcome] = await Promise.race([
        once(child, 'message'),
        ended.then(() => Promise.reject(new Error(`${program} has ended before it answered`))),
      ])
      return outcome
    },
  }
}
