import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, Outcome } from './order.ts'

const MAIN = fileURLToPath(new URL('./sender-main.ts', import.meta.url))

export type Sender = { run(order: Order): Promise<Outcome> }

/** Starts the process that sends; it takes one order at a time. */
export function startSender(resources: AsyncDisposableStack): Sender {
  const child = fork(MAIN, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: {} })
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
        ended.then(() => Promise.reject(new Error('the process that sends has ended'))),
      ])
      return outcome
    },
  }
}
