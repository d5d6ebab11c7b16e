import { fileURLToPath } from 'node:url'
import { type OrderTaker, startOrderTaker } from '../harness/order-taker.ts'
import type { Order, Outcome } from './order.ts'

const MAIN = fileURLToPath(new URL('./sender-main.ts', import.meta.url))

export type Sender = OrderTaker<Order, Outcome>

/** Starts the process that sends. */
export function startSender(resources: AsyncDisposableStack): Sender {
  return startOrderTaker(MAIN, resources)
}
