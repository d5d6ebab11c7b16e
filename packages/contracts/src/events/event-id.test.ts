import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../vectors/ids.json' with { type: 'json' }
import { eventIdSchema } from '../primitives.ts'
import { derivedEventId, exposureEventId, modelStageEventId, servedEventId } from './event-id.ts'

test.each(vectors.exposureEventIds)(
  '$slateId and $experimentKey give $eventId',
  ({ slateId, experimentKey, eventId }) => {
    expect(exposureEventId(slateId, experimentKey)).toBe(eventId)
  },
)

test.each(vectors.derivedEventIds)('$parts give $eventId', ({ parts, eventId }) => {
  expect(derivedEventId(...parts)).toBe(eventId)
})

test.each(vectors.servedEventIds)(
  'one id for $unit, $experimentKey, version $experimentVersion and the day of $occurredAt',
  ({ eventId, ...served }) => {
    expect(servedEventId(served)).toBe(eventId)
    expect(servedEventId({ ...served, occurredAt: Date.parse(served.occurredAt) })).toBe(eventId)
  },
)

test.each(vectors.modelStageEventIds)(
  'change $change of $modelVersionId is $eventId',
  ({ modelVersionId, change, eventId }) => {
    expect(modelStageEventId(modelVersionId, change)).toBe(eventId)
  },
)

test('ids are event ids, whatever they are made of', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
      const [a = '', b = ''] = parts
      expect(eventIdSchema.safeParse(exposureEventId(a, b)).success).toBe(true)
      expect(derivedEventId(...parts)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }),
  )
})

test('moving text from one part to the next gives another id', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (a, b, c) => {
      expect(exposureEventId(a + b, c)).not.toBe(exposureEventId(a, b + c))
      expect(derivedEventId(a + b, c)).not.toBe(derivedEventId(a, b + c))
    }),
  )
})
