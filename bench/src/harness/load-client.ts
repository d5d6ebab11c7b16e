import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult } from './load.ts'
import { type OrderTaker, startOrderTaker } from './order-taker.ts'

const MAIN = fileURLToPath(new URL('./load-main.ts', import.meta.url))

export type LoadProcess = OrderTaker<LoadOrder, LoadResult>

/** Starts the process that drives the load. */
export function startLoad(resources: AsyncDisposableStack): LoadProcess {
  return startOrderTaker(MAIN, resources)
}
