import { exposureEventId, exposureEventSchema, servedEventId, servedEventSchema } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleAssignment, sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { exposureEvents, servingEvents } from './exposure-events.ts'

const served = sampleSlate('s1', {
  items: sampleSlateItems('i1'),
  snapshotVersion: 4,
  attributes: { country: 'NL' },
  assignments: [
    sampleAssignment({ experimentKey: 'on-serve', applied: false, forced: true }),
    sampleAssignment({ experimentKey: 'on-impression', exposure: 'ON_IMPRESSION' }),
    sampleAssignment({ experimentKey: 'stopped', exposure: 'NONE' }),
  ],
})

test('each moment has its own exposures, and a stopped experiment has none', () => {
  expect(exposureEvents(served, 'ON_SERVE', NOON).map((event) => event.experimentKey)).toEqual(['on-serve'])
  expect(exposureEvents(served, 'ON_IMPRESSION', NOON).map((event) => event.experimentKey)).toEqual([
    'on-impression',
  ])
})

test('an exposure says what was served, as the contract has it', () => {
  const [event] = exposureEvents(served, 'ON_SERVE', NOON + 5)
  expect(exposureEventSchema.parse(event)).toEqual(event)
  expect(event).toMatchObject({
    eventId: exposureEventId(served.id, 'on-serve'),
    applied: false,
    forced: true,
    rung: 'POPULAR',
    producer: 'personalization-1',
    snapshotVersion: 4,
    attributes: { country: 'NL' },
    occurredAt: '2026-01-15T12:00:00.005Z',
  })
})

test('a slate that was served without a snapshot exposes nobody', () => {
  expect(exposureEvents({ ...served, snapshotVersion: null }, 'ON_SERVE', NOON)).toEqual([])
})

test('an exposure of a slate from before producers were recorded names none', () => {
  const [event] = exposureEvents({ ...served, producer: null }, 'ON_SERVE', NOON)
  expect(event && 'producer' in event).toBe(false)
})

test('a slate that is served tells of the exposures that are due, and that the other units were served', () => {
  const [exposure, unitServed, ...rest] = servingEvents(served, 'personalization-1')
  expect(exposure).toEqual(exposureEvents(served, 'ON_SERVE', served.createdAt)[0])
  expect(servedEventSchema.parse(unitServed)).toEqual(unitServed)
  const { unit, createdAt: occurredAt } = { unit: 'u1', createdAt: served.createdAt }
  expect(unitServed).toMatchObject({
    experimentKey: 'on-impression',
    eventId: servedEventId({ unit, experimentKey: 'on-impression', experimentVersion: 1, occurredAt }),
    snapshotVersion: 4,
    forced: false,
    producer: 'personalization-1',
    occurredAt: new Date(served.createdAt).toISOString(),
  })
  expect(rest).toEqual([])
  expect(servingEvents({ ...served, snapshotVersion: null }, 'personalization-1')).toEqual([])
})
