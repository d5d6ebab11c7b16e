import { expect, test } from 'vitest'
import { T0, uuid } from '../testing/fixtures.ts'
import { checkInteraction, type IncomingInteraction, MAX_CLOCK_SKEW_MS } from './check-interaction.ts'

const incoming = (overrides: Partial<IncomingInteraction> = {}): IncomingInteraction => ({
  eventId: uuid(1),
  userId: 'u1',
  itemId: 'i1',
  type: 'PLAY',
  slateId: null,
  value: null,
  occurredAt: null,
  ...overrides,
})

test('an interaction without a time occurred when it arrived', () => {
  expect(checkInteraction(incoming(), T0)).toMatchObject({ interaction: { occurredAt: T0 } })
})

test('both spellings of a UUID are one event', () => {
  const upper = incoming({ eventId: 'ABCDEF00-0000-4000-8000-000000000001' })
  expect(checkInteraction(upper, T0)).toMatchObject({
    interaction: { eventId: 'abcdef00-0000-4000-8000-000000000001' },
  })
})

test('a clock that is five minutes ahead is tolerated', () => {
  const ahead = incoming({ occurredAt: T0 + MAX_CLOCK_SKEW_MS })
  expect(checkInteraction(ahead, T0)).toMatchObject({ type: 'interaction' })
})

test.each([
  ['an event id that is no UUID', { eventId: 'event-1' }, 'INVALID_EVENT_ID', 'eventId'],
  ['an empty user', { userId: '' }, 'INVALID_IDENTIFIER', 'userId'],
  ['an item id of 257 characters', { itemId: 'x'.repeat(257) }, 'INVALID_IDENTIFIER', 'itemId'],
  ['a slate id with a lone surrogate', { slateId: '\ud800' }, 'INVALID_IDENTIFIER', 'slateId'],
  ['an infinite value', { value: Number.POSITIVE_INFINITY }, 'INVALID_VALUE', 'value'],
  ['a time in the future', { occurredAt: T0 + MAX_CLOCK_SKEW_MS + 1 }, 'INVALID_OCCURRED_AT', 'occurredAt'],
  ['a time before 1970', { occurredAt: -1 }, 'INVALID_OCCURRED_AT', 'occurredAt'],
] as const)('%s is refused by its field', (_, overrides, code, field) => {
  expect(checkInteraction(incoming(overrides), T0)).toEqual({ type: 'refused', fault: { code, field } })
})
