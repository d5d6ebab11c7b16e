import { exposureEventId, exposureEventSchema } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { assignment, slate, T0 } from '../testing/fixtures.ts'
import { exposureEvents } from './exposure-events.ts'

const served = slate(['i1'], {
  snapshotVersion: 4,
  attributes: { country: 'NL' },
  assignments: [
    assignment({ experimentKey: 'on-serve', applied: false, forced: true }),
    assignment({ experimentKey: 'on-impression', exposure: 'ON_IMPRESSION' }),
    assignment({ experimentKey: 'stopped', exposure: 'NONE' }),
  ],
})

test('each moment has its own exposures, and a stopped experiment has none', () => {
  expect(exposureEvents(served, 'ON_SERVE', T0).map((event) => event.experimentKey)).toEqual(['on-serve'])
  expect(exposureEvents(served, 'ON_IMPRESSION', T0).map((event) => event.experimentKey)).toEqual([
    'on-impression',
  ])
})

test('an exposure says what was served, as the contract has it', () => {
  const [event] = exposureEvents(served, 'ON_SERVE', T0 + 5)
  expect(exposureEventSchema.parse(event)).toEqual(event)
  expect(event).toMatchObject({
    eventId: exposureEventId(served.id, 'on-serve'),
    applied: false,
    forced: true,
    rung: 'POPULAR',
    snapshotVersion: 4,
    attributes: { country: 'NL' },
    occurredAt: '2026-01-01T00:00:00.005Z',
  })
})

test('a slate that was served without a snapshot exposes nobody', () => {
  expect(exposureEvents({ ...served, snapshotVersion: null }, 'ON_SERVE', T0)).toEqual([])
})
