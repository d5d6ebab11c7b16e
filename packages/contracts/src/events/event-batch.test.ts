import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/event-batch.json' with { type: 'json' }
import { EVENT_KINDS, eventBatchSchema, ingestEventSchema, MAX_EVENTS_PER_BATCH } from './event-batch.ts'

describe('events', () => {
  test.each(vectors.validEvents)('accepts $name, and loses no field that the contract names', ({ event }) => {
    const { fromTheFuture: _, ...named } = { fromTheFuture: null, ...event }
    expect(ingestEventSchema.parse(event)).toEqual(named)
  })

  test.each(vectors.invalidEvents)('refuses $name and says where', ({ event, at }) => {
    const paths = ingestEventSchema.safeParse(event).error?.issues.map((issue) => issue.path.join('.'))
    expect(paths).toEqual([at])
  })

  test.each(vectors.sentShorter)('reads what is left out as null: $name', ({ sent, read }) => {
    expect(ingestEventSchema.parse(sent)).toEqual(read)
  })

  test('lists every kind that it reads', () => {
    const kinds = ingestEventSchema.options.map((option) => option.shape.kind.value)
    expect(EVENT_KINDS).toEqual(kinds)
    expect(new Set(vectors.validEvents.map(({ event }) => event.kind))).toEqual(new Set(kinds))
  })

  test.each(vectors.droppedTraceparents)(
    'drops a traceparent that cannot be read and accepts the event: $name',
    ({ traceparent }) => {
      const exposure = vectors.validEvents[0]?.event
      expect(ingestEventSchema.parse({ ...exposure, traceparent })).toEqual(exposure)
    },
  )

  test('refuses a unit that a datastore would change on the way', () => {
    const exposure = vectors.validEvents[0]?.event
    expect(ingestEventSchema.safeParse({ ...exposure, unit: 'u\ud83d' }).success).toBe(false)
  })

  test.each(['exposure', 'interaction'])(
    'refuses deeply nested attributes of an %s as anything else',
    (kind) => {
      const event = vectors.validEvents.find((valid) => valid.event.kind === kind)?.event
      const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
      expect(ingestEventSchema.safeParse({ ...event, attributes: { deep } }).success).toBe(false)
    },
  )
})

describe('batches', () => {
  test.each(vectors.validBatches)('accepts $name', ({ batch }) => {
    expect(eventBatchSchema.parse(batch)).toEqual(batch)
  })

  test.each(vectors.invalidBatches)('refuses $name', ({ batch }) => {
    expect(eventBatchSchema.safeParse(batch).success).toBe(false)
  })

  test('takes no more events than its limit', () => {
    const batch = (size: number) => ({ producer: 'p', events: new Array<null>(size).fill(null) })
    expect(eventBatchSchema.safeParse(batch(MAX_EVENTS_PER_BATCH)).success).toBe(true)
    expect(eventBatchSchema.safeParse(batch(MAX_EVENTS_PER_BATCH + 1)).success).toBe(false)
  })
})
