import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { query } from './harness/graphql.ts'
import { DEMO_EXPERIMENT, HOME_SLATE } from './harness/queries.ts'
import { type Stack, startStack } from './harness/stack.ts'
import { type ReceivedSpan, startTraceCollector } from './harness/trace-collector.ts'
import { waitUntil } from './harness/wait-until.ts'

const SDK = new URL('./harness/otel-sdk.ts', import.meta.url).href
const SAMPLED = '01'
const NOT_SAMPLED = '00'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function tracedStack() {
  const collector = await startTraceCollector()
  cleanups.push(collector.close)
  const sdkOf = (service: string) => ({
    NODE_OPTIONS: `--import=${SDK}`,
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  const stack = await startStack({
    env: {
      gateway: sdkOf('gateway'),
      personalization: sdkOf('personalization'),
      experimentation: sdkOf('experimentation'),
    },
  })
  cleanups.push(stack.stop)
  return { stack, spans: collector.spans }
}

/** Asks for a slate as a client that traces its requests, and says which trace and span it did it in. */
async function askInTrace(stack: Stack, userId: string, flags: string) {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const headers = { traceparent: `00-${traceId}-${spanId}-${flags}` }
  const answer = await query(stack.url('gateway', '/graphql'), HOME_SLATE, { userId, size: 5 }, headers)
  expect(answer.errors).toEqual([])
  return { traceId, spanId, slate: answer.data.recommendations }
}

test('one trace leads from the client through gateway, personalization and relay to the exposure in experimentation', async () => {
  const { stack, spans } = await tracedStack()
  // Nobody keeps this one, and it must not leave anything behind either.
  const unsampled = await askInTrace(stack, 'u2', NOT_SAMPLED)
  const client = await askInTrace(stack, 'u1', SAMPLED)
  const exposure = client.slate.exposures.find(
    ({ experimentKey }: { experimentKey: string }) => experimentKey === DEMO_EXPERIMENT,
  )
  expect(exposure).toBeDefined()

  const ofClient = (name: string, service: string) =>
    spans().filter(
      (span) => span.traceId === client.traceId && span.name === name && span.service === service,
    )
  const ingested = () => ofClient('ingest.event', 'experimentation')[0]
  /** The request that brought the event. */
  const delivered = () => spans().find(({ spanId }) => spanId === ingested()?.links[0]?.spanId)
  const batch = () => spans().find(({ spanId }) => spanId === delivered()?.parentSpanId)
  // Each process sends its spans when it likes.
  await waitUntil('the whole way of the exposure is there', () => wayToRoot(ingested(), spans()).length === 6)
  await waitUntil('the batch is there', () => batch() !== undefined)

  expect(ingested()?.attributes).toMatchObject({
    'bulkhead.event_kind': 'exposure',
    'bulkhead.experiment_key': DEMO_EXPERIMENT,
  })
  expect(wayToRoot(ingested(), spans())).toEqual([
    'experimentation: ingest.event',
    'personalization: outbox.deliver',
    'personalization: POST /graphql',
    'gateway: gateway.fetch',
    'gateway: gateway.request',
    `client: ${client.spanId}`,
  ])
  // Experimentation was asked too, for the status of the exposures.
  await waitUntil('its span is there', () => ofClient('POST /graphql', 'experimentation').length === 1)

  // The batch that brought the event is in a trace of its own, and each leads to the other.
  expect(wayToRoot(delivered(), spans())).toEqual([
    'experimentation: POST /v1/events',
    'personalization: outbox.batch',
  ])
  expect(batch()?.links.map(({ traceId }) => traceId)).toContain(client.traceId)

  expect(spans().filter(({ traceId }) => traceId === unsampled.traceId)).toEqual([])
  expect(spans().flatMap(({ links }) => links.map(({ traceId }) => traceId))).not.toContain(unsampled.traceId)
})

test('the gateway logs each request, and leaves its operation usage when it is drained', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-usage-'))
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }))
  const usageFile = join(folder, 'usage.jsonl')
  const env = { LOG_LEVEL: 'info', USAGE_FILE: usageFile, USAGE_INTERVAL_MS: '3600000' }
  const stack = await startStack({ env: { gateway: env } })
  cleanups.push(stack.stop)
  const headers = {
    'apollographql-client-name': 'web',
    'apollographql-client-version': '1.2.3',
    'x-request-id': 'request-of-web',
  }
  const variables = { userId: 'hush-hush', size: 5 }
  await query(stack.url('gateway', '/graphql'), HOME_SLATE, variables, headers)
  await query(stack.url('gateway', '/graphql'), '{ nothing }', {}, headers)

  const gateway = stack.process('gateway')
  const answered = () =>
    gateway
      .output()
      .split('\n')
      .filter((line) => line.includes('"request answered"') && line.endsWith('}'))
  await waitUntil('both requests are logged', () => answered().length === 2)
  expect(await gateway.stop()).toBe(0)
  const log = gateway.output()
  const client = { client: 'web', clientVersion: '1.2.3', requestId: 'request-of-web' }
  expect(answered().map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ ...client, operation: 'HomeSlate', kind: 'query', status: 200 }),
    expect.objectContaining({ ...client, status: 400, errors: 1, codes: ['GRAPHQL_VALIDATION_FAILED'] }),
  ])
  const usage = readFileSync(usageFile, 'utf8')
  expect(
    usage
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({
      type: 'operation',
      operationName: 'HomeSlate',
      client: { name: 'web', version: '1.2.3' },
      count: 1,
      errors: 0,
      arguments: ['Query.recommendations(size:)', 'Query.recommendations(userId:)'],
    }),
  ])
  expect(log + usage).not.toContain('hush-hush')
})

/** The span, its parent, and so on: as "service: name", a span that nobody sent as "client: id". */
function wayToRoot(span: ReceivedSpan | undefined, all: readonly ReceivedSpan[]): string[] {
  if (!span) return []
  const { parentSpanId, traceId } = span
  const way = [`${span.service}: ${span.name}`]
  if (parentSpanId === undefined || parentSpanId === '') return way
  const parent = all.find((other) => other.spanId === parentSpanId && other.traceId === traceId)
  return [...way, ...(parent ? wayToRoot(parent, all) : [`client: ${parentSpanId}`])]
}
