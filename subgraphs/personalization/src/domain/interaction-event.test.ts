import { createSlateId, interactionEventSchema } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { NOON } from '../testing/samples/time.ts'
import { interactionEvent } from './interaction-event.ts'

const EVENT_ID = '01941f29-7c00-7112-a233-445566778899'

function slateOf(unit: string, servedAt: number): string {
  return createSlateId({ unit, now: servedAt, random: new Uint8Array(10) })
}

/** The time of the event of an interaction that a client has timed at noon. */
function timeOf(slateId: string | null, now = NOON + 60_000): number {
  const interaction = sampleInteraction(EVENT_ID, { userId: 'u1', slateId, occurredAt: NOON })
  return Date.parse(interactionEvent(interaction, now).occurredAt)
}

test('an interaction is told as it is', () => {
  const interaction = sampleInteraction(EVENT_ID, { value: 0.5 })
  const event = interactionEvent(interaction, NOON)
  expect(interactionEventSchema.parse(event)).toEqual(event)
  const { userId: unit, occurredAt, ...same } = interaction
  expect(event).toEqual({
    kind: 'interaction',
    unit,
    ...same,
    occurredAt: new Date(occurredAt).toISOString(),
  })
})

test('a clock that is behind puts no interaction before the slate that it is about', () => {
  expect(timeOf(slateOf('u1', NOON + 5_000))).toBe(NOON + 5_000)
  expect(timeOf(slateOf('u1', NOON - 5_000))).toBe(NOON)
})

test.each([
  ['no slate', null],
  ['a slate of somebody else', slateOf('u2', NOON + 5_000)],
  ['an id that is not a slate’s', 'slate-1'],
])('%s moves nothing', (_, slateId) => {
  expect(timeOf(slateId)).toBe(NOON)
})

test('an id that was made up cannot move an interaction into the future', () => {
  expect(timeOf(slateOf('u1', NOON + 61_000))).toBe(NOON)
})
