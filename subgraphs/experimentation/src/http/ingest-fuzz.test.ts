import { type EventBatchResult, ingestEventSchema } from '@bulkhead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { positionAll, readUpTo } from '../datastore/testing/position-checks.ts'
import { toStoredEvent } from '../domain/stored-event.ts'
import {
  DAY,
  NOON,
  sampleExposure,
  sampleHeartbeat,
  sampleInteraction,
  sampleServed,
  sampleStageChange,
} from '../testing/samples.ts'
import { config, startTestApp, type TestApp } from '../testing/test-app.ts'

/** CI sends 5,000 batches; FUZZ_BATCHES=50000 is the long run. */
const BATCHES = Number(process.env.FUZZ_BATCHES ?? 5_000)
const SEED = 20_261_128

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const anyJson = fc.jsonValue({ maxDepth: 3 })
const instant = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: NOON - 2 * DAY, max: NOON }) },
    { weight: 1, arbitrary: fc.integer({ min: NOON - 40 * DAY, max: NOON + DAY }) },
  )
  .map((time) => new Date(time).toISOString())
const key = fc.constantFrom('mix', 'mix', 'mix', 'none', 'a/b')
const unit = fc.oneof(fc.constantFrom('u1', 'u2'), fc.string({ unit: 'binary', maxLength: 300 }))
const value = fc.oneof(fc.constant(null), fc.double(), fc.double({ min: -1e12, max: 1e12, noNaN: true }))
const slateId = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcdefgh') })

/** Events that are right in form, and in content more often than not. */
const plausible = fc.oneof(
  fc
    .record({
      slateId,
      unit,
      occurredAt: instant,
      experimentKey: key,
      rung: fc.constantFrom('MODEL', 'POPULAR', 'NONE'),
    })
    .map((fields) => sampleExposure(fields as Parameters<typeof sampleExposure>[0])),
  fc
    .record({
      unit: fc.constantFrom('u1', 'u2'),
      occurredAt: instant,
      variantKey: fc.constantFrom('control', 'none'),
    })
    .map((fields) => sampleServed(fields)),
  fc
    .record({
      eventId: fc.uuid(),
      value,
      occurredAt: instant,
      type: fc.constantFrom('CLICK', 'purchase', 'no type'),
    })
    .map((fields) => sampleInteraction(fields)),
  fc
    .record({ eventId: fc.uuid(), producer: fc.constantFrom('p1', 'p2'), sequence: fc.integer() })
    .map((fields) => sampleHeartbeat(fields)),
  fc
    .record({ change: fc.integer({ min: 0, max: 9 }), modelVersionId: fc.constantFrom('m1', 'm2') })
    .map((fields) => sampleStageChange(fields)),
)

/** One field is replaced by anything, removed, or added. */
const damaged = fc
  .tuple(plausible, fc.nat(), fc.constantFrom('replace', 'remove', 'add'), anyJson)
  .map(([event, at, how, other]) => {
    const fields: Record<string, unknown> = { ...event }
    const names = Object.keys(fields)
    const name = how === 'add' ? 'another' : (names[at % names.length] ?? 'kind')
    if (how === 'remove') delete fields[name]
    else fields[name] = other
    return fields
  })

const event = fc.oneof(
  { weight: 6, arbitrary: plausible },
  { weight: 3, arbitrary: damaged },
  { weight: 1, arbitrary: anyJson },
)
const body = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({
        producer: fc.oneof({ weight: 9, arbitrary: fc.constant('p1') }, { weight: 1, arbitrary: anyJson }),
        events: fc.array(event, { maxLength: 8 }),
      })
      .map((batch) => JSON.stringify(batch)),
  },
  { weight: 1, arbitrary: anyJson.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: fc.string() },
)

test(`of ${BATCHES} generated batches none is a fault of ours, each accepted event is stored and no other`, async () => {
  const accepted = new Map<string, unknown>()
  let refused = 0
  for (const payload of fc.sample(body, { numRuns: BATCHES, seed: SEED })) {
    const response = await app.http.inject({
      method: 'POST',
      url: '/v1/events',
      headers: {
        authorization: `Bearer ${config.eventsWriteTokens[0]}`,
        'content-type': 'application/json',
      },
      payload,
    })
    expect(response.statusCode, payload).toBeLessThan(500)
    if (response.statusCode !== 200) continue
    const { events } = JSON.parse(payload) as { events: unknown[] }
    const result = response.json<EventBatchResult>()
    const rejected = new Set(result.rejected.map(({ index }) => index))
    expect(result.accepted + rejected.size).toBe(events.length)
    refused += rejected.size
    for (const [index, raw] of events.entries()) {
      if (rejected.has(index)) continue
      const sent = toStoredEvent(ingestEventSchema.parse(raw))
      // The first write of an id is kept.
      if (!accepted.has(sent.eventId)) accepted.set(sent.eventId, sent)
    }
  }
  expect(accepted.size).toBeGreaterThan(BATCHES / 4)
  expect(refused).toBeGreaterThan(BATCHES / 4)

  await positionAll(app.store)
  const stored = await readUpTo(app.store, await app.store.head())
  expect(new Map(stored.map((one) => [one.event.eventId, one.event]))).toEqual(accepted)
  expect(stored).toHaveLength(accepted.size)
}, 600_000)
