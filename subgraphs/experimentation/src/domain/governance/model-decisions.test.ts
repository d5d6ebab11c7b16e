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

  test('is never listed again once its version was rolled back, whatever the clock of personalization says', () => {
    for (const rolledBackAt of [NOON - 3_600_000, NOON, NOON + 3_600_000]) {
      const rolledBack = version('m1', 'PRODUCTION', rolledBackAt)
      expect(listedDecisions(decisions([rolledBack], { shipped }))).toEqual([])
    }
  })
})

describe('a bootstrap decision', () => {
  test('is listed again once all that was shipped is out of production, for then there is no champion either', () => {
    const first = version('m1', 'EVALUATED')
    for (const stage of MODEL_STAGES) {
      const ship = new Map([['mix', sampleShip('mix', 'm2')]])
      const of = (m2: KnownModelVersion) =>
        listedDecisions(decisions([first, m2], { bootstraps, firstShip: 'mix', shipped: ship }))
      const signed = bootstraps.get('m1')?.signed
      if (stage === 'RETIRED') expect(of(version('m2', stage))).toEqual([signed])
      else expect(of(version('m2', stage))).not.toContain(signed)
    }
    // What serves by no SHIP is a champion too.
    const serving = decisions([first, version('m0', 'PRODUCTION')], { bootstraps, firstShip: 'mix' })
    expect(listedDecisions(serving)).toEqual([])
  })

  test('is listed while its version is evaluated and no SHIP stands, or in production', () => {
    for (const stage of MODEL_STAGES) {
      for (const firstShip of [null, 'mix']) {
        const isListed = stage === 'PRODUCTION' || (stage === 'EVALUATED' && firstShip === null)
        const of = [version('m1', stage), ...(firstShip === null ? [] : [version('m0', 'PRODUCTION')])]
        expect(listedDecisions(decisions(of, { bootstraps, firstShip }))).toEqual(
          isListed ? [bootstraps.get('m1')?.signed] : [],
        )
      }
    }
  })

  test('is not listed before it is signed, nor after a rollback of its version', () => {
    const unsigned = new Map([['m1', sampleBootstrap({ modelVersionId: 'm1' })]])
    expect(listedDecisions(decisions([version('m1', 'EVALUATED')], { bootstraps: unsigned }))).toEqual([])
    for (const stage of ['EVALUATED', 'PRODUCTION'] as const) {
      expect(listedDecisions(decisions([version('m1', stage, NOON - 1)], { bootstraps }))).toEqual([])
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
