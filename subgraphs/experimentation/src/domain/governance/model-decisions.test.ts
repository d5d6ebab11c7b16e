import { MODEL_STAGES, type ModelStage } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleBootstrap, sampleShip, sampleSignedBootstrap } from '../../testing/sample-decisions.ts'
import { NOON } from '../../testing/samples.ts'
import {
  type KnownModelVersion,
  listedDecisions,
  MAX_DECISION_BYTES,
  MAX_LISTED_DECISIONS,
  type ModelDecisions,
  NO_MODEL_DECISIONS,
} from './model-decisions.ts'

function version(id: string, stage: ModelStage, rolledBackAt?: number): KnownModelVersion {
  const known = { id, stage, change: 1, artefactHash: 'ab'.repeat(32) }
  return rolledBackAt === undefined ? known : { ...known, rolledBackAt }
}

function decisions(
  versions: readonly KnownModelVersion[],
  others: Partial<Omit<ModelDecisions, 'versions'>>,
): ModelDecisions {
  return { ...NO_MODEL_DECISIONS, versions: new Map(versions.map((one) => [one.id, one])), ...others }
}

const shipped = new Map([['mix', sampleShip('mix', 'm1')]])
const bootstraps = new Map([['m1', sampleSignedBootstrap('m1')]])

describe('a SHIP decision', () => {
  test('is listed while its version is in an experiment or in production, and is the record that was signed', () => {
    for (const stage of MODEL_STAGES) {
      const isLive = stage === 'EXPERIMENT' || stage === 'PRODUCTION'
      const listed = listedDecisions(decisions([version('m1', stage)], { shipped, firstShip: 'mix' }))
      expect(listed).toEqual(isLive ? [shipped.get('mix')] : [])
      if (isLive) expect(listed[0]).toBe(shipped.get('mix'))
    }
    expect(listedDecisions(decisions([], { shipped, firstShip: 'mix' }))).toEqual([])
  })

  test('is not listed again once its version was rolled back, but a later one about it is', () => {
    const rolledBack = version('m1', 'PRODUCTION', NOON)
    expect(listedDecisions(decisions([rolledBack], { shipped }))).toEqual([])
    const later = new Map([...shipped, ['again', sampleShip('again', 'm1', NOON + 1)] as const])
    expect(listedDecisions(decisions([rolledBack], { shipped: later }))).toEqual([later.get('again')])
  })
})

describe('a bootstrap decision', () => {
  test('is listed while its version is evaluated and nothing was shipped, or in production', () => {
    for (const stage of MODEL_STAGES) {
      for (const firstShip of [null, 'mix']) {
        const isListed = stage === 'PRODUCTION' || (stage === 'EVALUATED' && firstShip === null)
        expect(listedDecisions(decisions([version('m1', stage)], { bootstraps, firstShip }))).toEqual(
          isListed ? [bootstraps.get('m1')?.signed] : [],
        )
      }
    }
  })

  test('is not listed before it is signed, nor after a rollback of its version', () => {
    const unsigned = new Map([['m1', sampleBootstrap({ modelVersionId: 'm1' })]])
    expect(listedDecisions(decisions([version('m1', 'EVALUATED')], { bootstraps: unsigned }))).toEqual([])
    for (const stage of ['EVALUATED', 'PRODUCTION'] as const) {
      expect(listedDecisions(decisions([version('m1', stage, NOON)], { bootstraps }))).toEqual([])
    }
  })
})

test('whatever is stored, the list is bounded, the newest come first, and the order of reading does not matter', () => {
  const ship = fc.record({ at: fc.integer({ min: 0, max: 50 }), length: fc.constantFrom(1, 1_000, 10_000) })
  fc.assert(
    fc.property(fc.array(ship, { maxLength: 150 }), (made) => {
      const records = made.map(({ at, length }, index) => ({
        ...sampleShip(`e${index}`, 'm1', NOON + at),
        rationale: 'é'.repeat(length),
      }))
      const of = (ordered: readonly (typeof records)[number][]) =>
        listedDecisions(
          decisions([version('m1', 'EXPERIMENT')], {
            shipped: new Map(ordered.map((record) => [record.experimentKey, record])),
          }),
        )
      const listed = of(records)
      expect(of(records.toReversed())).toEqual(listed)
      expect(listed.length).toBeLessThanOrEqual(MAX_LISTED_DECISIONS)
      expect(Buffer.byteLength(JSON.stringify(listed))).toBeLessThanOrEqual(MAX_DECISION_BYTES + 2)
      const times = listed.map(({ decidedAt }) => decidedAt)
      expect(times).toEqual(times.toSorted().toReversed())
      if (made.every(({ length }) => length === 1)) {
        expect(listed).toHaveLength(Math.min(made.length, MAX_LISTED_DECISIONS))
      }
    }),
    { numRuns: 40 },
  )
})
