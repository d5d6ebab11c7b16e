import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentationStore } from '../../datastore/port.ts'
import { HOUR, NOON } from '../../testing/samples.ts'
import { openTestStore, silentLog } from '../../testing/test-app.ts'
import { createWebhookDelivery, MAX_ATTEMPTS, receiverOf } from './webhook-delivery.ts'

const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string }

/** A receiver in the private network, which answers with these statuses one after the other. */
async function startReceiver(statuses: readonly (number | 'hangs')[]) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request), path: request.url ?? '' })
    const status = statuses[received.length - 1] ?? 200
    if (status === 'hangs') return
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ignored')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { received, url: `http://127.0.0.1:${port}/hook?token=secret` }
}

async function startDelivery(urls: readonly string[], store?: ExperimentationStore) {
  const used = store ?? (await openTestStore())
  const time = { now: NOON }
  const metrics = createMetrics({ service: 'experimentation' })
  const delivery = createWebhookDelivery({
    ...{ store: used, urls, keys: KEYS, metrics, timeoutMs: 300 },
    clock: { now: () => time.now },
    random: { next: () => 0 },
    log: silentLog,
  })
  async function add(id: string, receivers = urls.map(receiverOf)): Promise<void> {
    await used.addNotifications(
      receivers.map((receiver) => ({
        ...{ id, receiver, body: { type: 'experiment.decision.reached', id }, attempts: 0 },
        ...{ dueAt: NOON, createdAt: NOON },
      })),
    )
  }
  async function deliver(after = 0): Promise<void> {
    time.now += after
    await delivery.deliver(new AbortController().signal)
  }
  async function attempts(outcome: string): Promise<number> {
    const metric = await metrics.registry.getSingleMetric('bulkhead_webhook_attempts_total')?.get()
    return metric?.values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0
  }
  return { store: used, add, deliver, attempts }
}

/** As the documentation tells receivers to do it. */
function isGenuine({ headers, body }: Received, key: Buffer, now: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (Math.abs(now / 1_000 - Number(timestamp)) > 300) return false
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  return String(signatures)
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected))
}

test('each receiver gets a notification once, signed with every key, so that what was changed is found out', async () => {
  const one = await startReceiver([])
  const two = await startReceiver([])
  const { add, deliver, attempts } = await startDelivery([one.url, two.url])
  await add('n1')
  await deliver()
  await deliver(HOUR)
  for (const { received } of [one, two]) {
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['n1'])
    const [first] = received
    if (first === undefined) throw new Error('there is one')
    expect(JSON.parse(first.body)).toEqual({ type: 'experiment.decision.reached', id: 'n1' })
    for (const key of KEYS) expect(isGenuine(first, key, NOON)).toBe(true)
    expect(isGenuine(first, Buffer.alloc(32, 3), NOON)).toBe(false)
    expect(isGenuine({ ...first, body: `${first.body} ` }, KEYS[0] ?? Buffer.of(), NOON)).toBe(false)
    expect(isGenuine(first, KEYS[0] ?? Buffer.of(), NOON + HOUR)).toBe(false)
  }
  expect(await attempts('delivered')).toBe(2)
})

test('what is not taken is sent again with the same id, later each time, and does not hold up other receivers', async () => {
  const bad = await startReceiver([500, 302, 'hangs', 204])
  const good = await startReceiver([])
  const { add, deliver, attempts } = await startDelivery([bad.url, good.url])
  await add('n1')
  await deliver()
  expect([bad.received.length, good.received.length]).toEqual([1, 1])
  await deliver(4_999)
  expect(bad.received).toHaveLength(1)
  await deliver(1)
  await deliver(5_000)
  expect(bad.received).toHaveLength(2)
  await deliver(5_000)
  expect(bad.received).toHaveLength(3)
  await deliver(20_000)
  await deliver(HOUR)
  expect(bad.received.map(({ headers, path }) => [headers['webhook-id'], path])).toEqual(
    Array.from({ length: 4 }, () => ['n1', '/hook?token=secret']),
  )
  expect([await attempts('failed'), await attempts('delivered')]).toEqual([3, 2])
})

test('it is given up in the end, and what is for nobody any more is dropped', async () => {
  const store = await openTestStore()
  // Nobody listens there.
  const { add, deliver, attempts } = await startDelivery(['http://127.0.0.1:1/'], store)
  await add('n1')
  await add('n2', ['somebody-else'])
  for (let attempt = 0; attempt < MAX_ATTEMPTS + 2; attempt += 1) await deliver(HOUR)
  expect([await attempts('failed'), await attempts('given_up')]).toEqual([MAX_ATTEMPTS - 1, 1])
  expect(await store.dueNotifications({ now: Number.MAX_SAFE_INTEGER, limit: 9 })).toEqual([])
})
