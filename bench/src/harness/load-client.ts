import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult } from './load.ts'

const MAIN = fileURLToPath(new URL('./load-main.ts', import.meta.url))

export type LoadProcess = { run(order: LoadOrder): Promise<LoadResult> }

/** Starts the process that drives the load; it takes one order at a time. */
export function startLoad(resources: AsyncDisposableStack): LoadProcess {
  const child = fork(MAIN, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: {} })
  const ended = once(child, 'exit')
  resources.defer(async () => {
    if (child.connected) child.disconnect()
    await ended
  })
  return {
    async run(order) {
      child.send(order)
      const [result] = await Promise.race([
        once(child, 'message'),
        ended.then(() => Promise.reject(new Error('the process that drives the load has ended'))),
      ])
      return result
    },
  }
}
