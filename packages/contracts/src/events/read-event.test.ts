import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/event-batch.json' with { type: 'json' }
import { ingestEventSchema } from './event-batch.ts'
import { MAX_EVENT_VALUE } from './exact-value.ts'
import { MAX_EVENT_ATTRIBUTES_LENGTH } from './interaction-event.ts'
import { readFrequentEvent } from './read-event.ts'

const FREQUENT = ['exposure', 'interaction']
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const valid = vectors.validEvents.map(({ event }): Readonly<Record<string, unknown>> => event)
const frequent = valid.filter(({ kind }) => FREQUENT.includes(String(kind)))

/** Values at and beyond the bounds of the fields, beside any JSON. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    ...['', 'a', '.a', 'a/b', 'x'.repeat(100), 'x'.repeat(101), 'x'.repeat(256), 'x'.repeat(257)],
    ...['abcdefg', 'abcdefgh', 'x'.repeat(128), 'x'.repeat(129), '\ud83d', 'MODEL', 'NONE', TRACEPARENT],
    ...['2026-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '2026-01-05T12:00:00Z', '2026-01-05'],
    ...[0, 1, -1, 1.5, 2 ** 53, -0, MAX_EVENT_VALUE, -MAX_EVENT_VALUE, MAX_EVENT_VALUE + 1],
    ...[Number.POSITIVE_INFINITY, Number.NaN, undefined, null, true, 'true', [], {}],
    { long: 'x'.repeat(MAX_EVENT_ATTRIBUTES_LENGTH - '{"long":""}'.length) },
    { long: 'x'.repeat(MAX_EVENT_ATTRIBUTES_LENGTH) },
    { lone: '\ud83d' },
    { not: 'JSON', at: new Date(0) },
  ),
)
const optional = ['producer', 'attributes', 'traceparent', 'itemId', 'slateId', 'value', 'another']

/** Valid events in which some fields were replaced, added or removed. */
const event = fc
  .tuple(
    fc.constantFrom(...valid),
    fc.array(fc.tuple(fc.nat(), fc.boolean(), anything), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([from, changes, backwards]) => {
    const fields: Record<string, unknown> = Object.fromEntries(
      backwards ? Object.entries(from).reverse() : Object.entries(from),
    )
    const names = [...Object.keys(from), ...optional]
    for (const [at, isRemoved, value] of changes) {
      const name = names[at % names.length] ?? 'kind'
      if (isRemoved) delete fields[name]
      else fields[name] = value
    }
    return fields
  })

describe('frequent events', () => {
  test('are read as the schema reads them, with the fields in the same order', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: anything }), (raw) => {
        const read = readFrequentEvent(raw)
        if (read === null) return
        const { data } = ingestEventSchema.safeParse(raw)
        expect(read).toEqual(data)
        expect(JSON.stringify(read)).toBe(JSON.stringify(data))
      }),
      { numRuns: 20_000 },
    )
  })

  test('are left to the schema only where it refuses them or drops what it cannot read', () => {
    fc.assert(
      fc.property(event, (raw) => {
        if (readFrequentEvent(raw) !== null) return
        const { data } = ingestEventSchema.safeParse(raw)
        const isDropped = raw.traceparent !== undefined && data !== undefined && 'traceparent' in data
        expect(data === undefined || !FREQUENT.includes(data.kind) || isDropped).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  test.each(frequent)('a valid one is never left to the schema: %j', (raw) => {
    expect(readFrequentEvent(raw)).not.toBeNull()
    expect(readFrequentEvent({ ...raw, traceparent: TRACEPARENT })).toMatchObject({
      traceparent: TRACEPARENT,
    })
  })
})
