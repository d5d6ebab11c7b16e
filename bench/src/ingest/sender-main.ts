import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { createBulkInsert } from './bulk-insert.ts'
import { sampleBatch, sampleEvents } from './events.ts'
import { BATCH, type Order, type Outcome, type Put } from './order.ts'

/** The process that sends, so that making events takes no time from what is measured. One order after the other. */

process.on('message', (order: Order) => {
  void run(order).then((outcome) => process.send?.(outcome))
})
// The one that gave the orders has ended.
process.on('disconnect', () => process.exit())

const SECOND_MS = 1_000

async function run(order: Order): Promise<Outcome> {
  let refused = 0
  let failure: string | null = null

  function createIngest(way: Order['way'] & { type: 'ingest' }): Put<string> {
    const { origin, pathname } = new URL(way.url)
    const pool = new Pool(origin, { connections: order.senders, pipelining: 1 })
    const headers = { authorization: `Bearer ${way.token}`, 'content-type': 'application/json' }
    return {
      prepare: (from) => JSON.stringify(sampleBatch(sampleEvents(from, BATCH, now))),
      async put(body) {
        for (;;) {
          const answer = await pool.request({ method: 'POST', path: pathname, headers, body })
          const text = await answer.body.text()
          const { statusCode } = answer
          if (statusCode === 429 || statusCode === 503) {
            refused += 1
            await sleep(Number(answer.headers['retry-after']) * SECOND_MS)
            continue
          }
          const { accepted } = statusCode === 200 ? JSON.parse(text) : { accepted: 0 }
          if (accepted !== BATCH) failure ??= `HTTP ${statusCode} ${text.slice(0, 300)}`
          return
        }
      },
      end: () => pool.destroy(),
    }
  }

  const now = Date.now()
  const { way } = order
  const outcome =
    way.type === 'ingest'
      ? await send(order, createIngest(way))
      : await send(order, await createBulkInsert({ ...order, way }, now))
  return { ...outcome, refused, failure }
}

async function send<Prepared>(
  { from, batches, senders, prepared }: Order,
  { prepare, put, commit, end }: Put<Prepared>,
): Promise<Pick<Outcome, 'elapsedMs' | 'startedAt'>> {
  const ready = prepared ? Array.from({ length: batches }, (_, batch) => prepare(from + batch * BATCH)) : null
  let next = 0
  async function sendNext(): Promise<void> {
    while (next < batches) {
      const batch = next
      next += 1
      await put(ready?.[batch] ?? prepare(from + batch * BATCH))
    }
  }
  const startedAt = Date.now()
  const start = performance.now()
  await Promise.all(Array.from({ length: senders }, sendNext))
  await commit?.()
  const elapsedMs = performance.now() - start
  await end()
  return { elapsedMs, startedAt }
}
