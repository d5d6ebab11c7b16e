import { request } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createHttpServer, listen } from '../http-server.ts'
import { createMetrics } from '../metrics.ts'
import { captureLog } from '../testing/captured-log.ts'
import { recordSpans, spanIdOf } from '../testing/recorded-spans.ts'
import { traceRequests } from './request-spans.ts'
import { activeTraceparent } from './traceparent.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = `00-${TRACE_ID}-b7ad6b7169203331-01`

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A service whose route says which trace it runs in, after some work. */
function service() {
  const { log } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const app = createHttpServer({ log, metrics, readiness: () => ({ ready: true, checks: {} }) })
  traceRequests(app, 'test')
  closing.push(() => app.close())
  app.post('/work/:id', async () => {
    await setImmediate()
    return { traceparent: activeTraceparent() ?? null }
  })
  app.get('/broken', async () => {
    throw new Error('broken')
  })
  const work = async (headers: Record<string, string> = {}) => {
    const payload = { text: 'x'.repeat(100_000) }
    return (await app.inject({ method: 'POST', url: '/work/7', payload, headers })).json().traceparent
  }
  return { app, work }
}

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK a request is in no trace, whatever its caller sends', async () => {
  expect(await service().work({ traceparent: CLIENT })).toBeNull()
})

test('a request goes on with the trace of its caller, and what the handler does is below it', async () => {
  const spans = recordSpans()
  const { work } = service()
  expect(await work({ traceparent: CLIENT })).toBe(`00-${TRACE_ID}-${spanIdOf(1)}-01`)
  expect(spans).toEqual([
    expect.objectContaining({
      name: 'POST /work/:id',
      traceId: TRACE_ID,
      parentSpanId: 'b7ad6b7169203331',
      attributes: expect.objectContaining({ 'http.route': '/work/:id', 'http.response.status_code': 200 }),
      status: null,
      ended: true,
    }),
  ])
})

test('requests at the same time do not get each other’s traces', async () => {
  recordSpans()
  const { work } = service()
  const traceparents = await Promise.all([work({ traceparent: CLIENT }), work(), work()])
  expect(new Set(traceparents.map((traceparent) => traceparent.split('-')[1])).size).toBe(3)
  expect(traceparents[0]).toContain(TRACE_ID)
})

test('a defect fails the span; probes, scrapes and unknown paths have none', async () => {
  const spans = recordSpans()
  const { app } = service()
  for (const path of ['/healthz', '/readyz', '/metrics', '/nowhere', '/broken']) await app.inject(path)
  expect(spans).toEqual([expect.objectContaining({ name: 'GET /broken', ended: true, status: { code: 2 } })])
})

test('the span of a caller that leaves before the answer ends too', async () => {
  const spans = recordSpans()
  const { app } = service()
  const begun = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  app.get('/slow', async (_request, reply) => {
    reply.raw.once('close', left.resolve)
    begun.resolve()
    await left.promise
  })
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const caller = request({ port, path: '/slow' })
  caller.on('error', () => undefined)
  caller.end()
  await begun.promise
  caller.destroy()
  await left.promise
  expect(spans).toEqual([expect.objectContaining({ name: 'GET /slow', ended: true })])
})

test('a trace that nobody keeps is not recorded', async () => {
  const spans = recordSpans({ sampled: false })
  expect(await service().work({ traceparent: CLIENT.replace(/01$/, '00') })).toBeNull()
  expect(spans).toEqual([])
})
