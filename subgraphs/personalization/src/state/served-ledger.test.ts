import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleExposure } from '../testing/samples/slates.ts'
import { createServedLedger } from './served-ledger.ts'

test('served exposures are counted by experiment, version, variant, surface and rung', () => {
  const ledger = createServedLedger()
  ledger
    .begin(1)
    .served([sampleExposure('exposure-1'), sampleExposure('exposure-1', { variantKey: 'control' })])
  ledger.begin(2).served([sampleExposure('exposure-1')])
  expect(ledger.counts()).toEqual([
    expect.objectContaining({ variantKey: 'treatment', surface: 'home', rung: 'MODEL', count: 2 }),
    expect.objectContaining({ variantKey: 'control', count: 1 }),
  ])
})

test('forced exposures are not counted', () => {
  const ledger = createServedLedger()
  ledger.begin(1).served([sampleExposure('exposure-1', { forced: true })])
  expect(ledger.counts()).toEqual([])
})

test('past the limit of distinct counts the known ones go on, and the rest is counted as uncounted', () => {
  const ledger = createServedLedger({ maxCounts: 1 })
  ledger
    .begin(1)
    .served([
      sampleExposure('exposure-1'),
      sampleExposure('exposure-1', { experimentKey: 'other' }),
      sampleExposure('exposure-1'),
    ])
  expect(ledger.counts()).toEqual([expect.objectContaining({ experimentKey: 'ranking', count: 2 })])
  expect(ledger.uncounted()).toBe(1)
})

test('the counts that were handed out do not change any more', () => {
  const ledger = createServedLedger()
  ledger.begin(1).served([sampleExposure('exposure-1')])
  const before = ledger.counts()
  ledger.begin(1).served([sampleExposure('exposure-1')])
  expect(before[0]?.count).toBe(1)
})

test('drops add up', () => {
  const ledger = createServedLedger()
  ledger.drop(2)
  ledger.drop(1)
  expect(ledger.dropped()).toBe(3)
})

test('the oldest write in flight is the earliest that has begun and not ended, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean())), (writes) => {
      const ledger = createServedLedger()
      const begun = writes.map(([since, ends]) => ({ since, ends, inFlight: ledger.begin(since) }))
      for (const { ends, inFlight } of begun) if (ends) inFlight.end()
      const open = begun.filter(({ ends }) => !ends).map(({ since }) => since)
      expect(ledger.oldestInFlight()).toBe(open.length === 0 ? null : Math.min(...open))
    }),
  )
})
