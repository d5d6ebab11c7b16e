import { derivedEventId } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleUuid } from '../testing/samples/interactions.ts'
import { NOON } from '../testing/samples/time.ts'
import { checkInteraction, type IncomingInteraction } from './check-interaction.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const limits = { now: NOON, maxAgeMs: 7 * DAY_MS }

function incoming(overrides: Partial<IncomingInteraction> = {}): IncomingInteraction {
  return {
    eventId: sampleUuid(1),
    userId: 'u1',
    itemId: 'i1',
    type: 'PLAY',
    slateId: null,
    value: null,
    occurredAt: null,
    hideCreator: false,
    ...overrides,
  }
}

test('an interaction without a time occurred when it arrived', () => {
  expect(checkInteraction(incoming(), limits)).toMatchObject({ interaction: { occurredAt: NOON } })
})

test('both spellings of a UUID are one event', () => {
  const upper = incoming({ eventId: 'ABCDEF00-0000-4000-8000-000000000001' })
  expect(checkInteraction(upper, limits)).toMatchObject({
    interaction: { eventId: 'abcdef00-0000-4000-8000-000000000001' },
  })
})

test.each([
  ['a clock that is a minute ahead', NOON + MINUTE_MS],
  ['an interaction as old as the maximum age', NOON - 7 * DAY_MS],
])('%s is tolerated', (_, occurredAt) => {
  expect(checkInteraction(incoming({ occurredAt }), limits)).toMatchObject({
    type: 'interaction',
    interaction: { occurredAt },
  })
})

test.each([
  ['an event id that is no UUID', { eventId: 'event-1' }, 'INVALID_EVENT_ID', 'eventId'],
  [
    'an event id that the platform derives',
    { eventId: derivedEventId('heartbeat', 'p', '1') },
    'INVALID_EVENT_ID',
    'eventId',
  ],
  ['an empty user', { userId: '' }, 'INVALID_IDENTIFIER', 'userId'],
  ['an item id of 257 characters', { itemId: 'x'.repeat(257) }, 'INVALID_IDENTIFIER', 'itemId'],
  ['a slate id with a lone surrogate', { slateId: '\ud800' }, 'INVALID_IDENTIFIER', 'slateId'],
  ['an infinite value', { value: Number.POSITIVE_INFINITY }, 'INVALID_VALUE', 'value'],
  ['a time in the future', { occurredAt: NOON + MINUTE_MS + 1 }, 'INVALID_OCCURRED_AT', 'occurredAt'],
  [
    'a time beyond the maximum age',
    { occurredAt: NOON - 7 * DAY_MS - 1 },
    'INVALID_OCCURRED_AT',
    'occurredAt',
  ],
  ['a time that is no whole number', { occurredAt: NOON - 0.5 }, 'INVALID_OCCURRED_AT', 'occurredAt'],
] as const)('%s is refused by its field', (_, overrides, code, field) => {
  expect(checkInteraction(incoming(overrides), limits)).toEqual({ type: 'refused', fault: { code, field } })
})

test('only a HIDE can hide the creator too, and whose that is, the catalogue says', () => {
  expect(checkInteraction(incoming({ type: 'HIDE', hideCreator: true }), limits)).toEqual({
    type: 'interaction',
    interaction: {
      eventId: sampleUuid(1),
      userId: 'u1',
      itemId: 'i1',
      type: 'HIDE',
      slateId: null,
      value: null,
      occurredAt: NOON,
    },
  })
  expect(checkInteraction(incoming({ type: 'DISLIKE', hideCreator: true }), limits)).toEqual({
    type: 'refused',
    fault: { code: 'INVALID_HIDE_CREATOR', field: 'hideCreator' },
  })
})
