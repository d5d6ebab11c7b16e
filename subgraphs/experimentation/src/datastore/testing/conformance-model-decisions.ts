import { describe, expect, test } from 'vitest'
import { bootstrapSubject, definitionChanges, nextEntry } from '../../domain/audit/entry.ts'
import type { Bootstrap } from '../../domain/governance/bootstrap.ts'
import { storeExperiments } from '../../testing/sample-changes.ts'
import { reportStages, sampleBootstrap, sampleShipped } from '../../testing/sample-decisions.ts'
import { NOON, sampleIncoming, sampleStageChange } from '../../testing/samples.ts'
import type { ChangeBatch } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

export function describeModelDecisions({ store, datastore }: ConformanceContext): void {
  async function batch(bootstrap: Bootstrap, expectedRevision = 0): Promise<ChangeBatch> {
    const expected = await store().changeHead()
    const entry = nextEntry(expected, {
      at: NOON,
      by: 'ana',
      action: 'test',
      reason: 'r',
      subject: bootstrapSubject(bootstrap.modelVersionId),
      ...definitionChanges(null, bootstrap),
    })
    const bootstraps = [{ bootstrap, expectedRevision }]
    return {
      expected,
      entries: [entry],
      experiments: [],
      metrics: [],
      definitions: [],
      bootstraps,
      snapshot: null,
    }
  }

  async function bootstraps() {
    return (await store().bootstrapRecords()).map(({ value }) => value)
  }

  describe('bootstrap decisions', () => {
    test('come back byte for byte, by model version', async () => {
      expect(await bootstraps()).toEqual([])
      const odd = sampleBootstrap({ modelVersionId: '$v.1', rationale: 'Première écoute 🎧 __proto__' })
      const other = sampleBootstrap({ modelVersionId: 'b' })
      expect(await store().commit(await batch(other))).toBe('committed')
      expect(await store().commit(await batch(odd))).toBe('committed')
      const before = datastore().roundTrips()
      const found = await bootstraps()
      expect(datastore().roundTrips() - before).toBe(1)
      expect(JSON.stringify(found)).toBe(JSON.stringify([odd, other]))
    })

    test('are replaced at the revision that is expected, and nothing is written at another', async () => {
      const first = sampleBootstrap()
      await store().commit(await batch(first))
      const second = sampleBootstrap({ revision: 2, status: 'REJECTED' })
      const head = await store().changeHead()
      expect(await store().commit(await batch(second))).toBe('conflict')
      expect(await store().commit(await batch(second, 2))).toBe('conflict')
      expect(await store().commit(await batch(sampleBootstrap({ modelVersionId: 'x' }), 1))).toBe('conflict')
      expect(await bootstraps()).toEqual([first])
      expect(await store().changeHead()).toEqual(head)
      expect(await store().commit(await batch(second, 1))).toBe('committed')
      expect(await bootstraps()).toEqual([second])
    })

    test('of two replicas that commit on one head, one is stored', async () => {
      const replica = await datastore().open()
      const one = await batch(sampleBootstrap({ decidedBy: 'ana' }))
      const other = await batch(sampleBootstrap({ decidedBy: 'ben' }))
      const outcomes = await Promise.all([store().commit(one), replica.commit(other)])
      expect(outcomes.toSorted()).toEqual(['committed', 'conflict'])
      expect(await bootstraps()).toHaveLength(1)
    })
  })

  describe('the stages that decisions depend on', () => {
    test('tell which versions are in an experiment or in production', async () => {
      const stages = ['REGISTERED', 'EVALUATED', 'SHADOW', 'EXPERIMENT', 'PRODUCTION', 'RETIRED'] as const
      for (const [index, stage] of stages.entries()) {
        await reportStages(store(), `v${index}`, stages.slice(0, index + 1))
        expect(await store().modelVersionsByIds([`v${index}`])).toMatchObject([{ stage }])
      }
      expect((await store().modelVersionsWithShip()).map(({ id }) => id)).toEqual(['v3', 'v4'])
      await reportStages(store(), 'v3', ['RETIRED'], { since: 4 })
      expect((await store().modelVersionsWithShip()).map(({ id }) => id)).toEqual(['v4'])
    })

    test('tell when a version was last rolled back, in whatever order the changes arrive', async () => {
      const at = (time: number) => new Date(time).toISOString()
      const change = (number: number, overrides: object) =>
        sampleIncoming(sampleStageChange({ modelVersionId: 'v', change: number, ...overrides }))
      const all = [
        change(1, { to: 'PRODUCTION' }),
        change(2, { to: 'RETIRED', reason: 'replaced', occurredAt: at(NOON + 1) }),
        change(3, { to: 'PRODUCTION' }),
        change(4, { to: 'RETIRED', reason: 'rolled-back', occurredAt: at(NOON + 2) }),
        change(5, { to: 'PRODUCTION' }),
        change(6, { to: 'RETIRED', reason: 'rolled-back', occurredAt: at(NOON + 3) }),
        change(7, { to: 'PRODUCTION' }),
      ]
      await store().ingest(all.slice(0, 2))
      expect(await store().modelVersionsByIds(['v'])).toEqual([
        { id: 'v', stage: 'RETIRED', change: 2, artefactHash: 'ab'.repeat(32) },
      ])
      for (const one of [5, 6, 3, 4, 2]) await store().ingest(all.slice(one, one + 1))
      const rolledBack = {
        id: 'v',
        stage: 'PRODUCTION',
        change: 7,
        artefactHash: 'ab'.repeat(32),
        rolledBackAt: NOON + 3,
      }
      expect(await store().modelVersionsByIds(['v'])).toEqual([rolledBack])
      await store().ingest(all.toReversed())
      expect(await store().modelVersionsByIds(['v'])).toEqual([rolledBack])
      expect(await store().modelVersionsWithShip()).toEqual([rolledBack])
    })
  })

  describe('decisions to ship models', () => {
    test('are found by model version, and the first that is final', async () => {
      expect(await store().firstShip()).toBeNull()
      const waiting = { ...sampleShipped('a-waiting', 'm1', NOON - 9), status: 'STOPPED' as const }
      const noModel = sampleShipped('b-no-model', 'm1', NOON - 8)
      const experiments = [
        waiting,
        { ...noModel, decision: noModel.decision && { ...noModel.decision, modelVersionId: null } },
        sampleShipped('c-second', 'm1', NOON + 1),
        { ...sampleShipped('d-first', 'm2', NOON), status: 'ARCHIVED' as const },
      ]
      await storeExperiments(store(), experiments)
      expect(await store().firstShip()).toBe('d-first')
      const keysOf = async (ids: readonly string[]) =>
        (await store().shippedExperiments(ids)).map(({ key }) => key)
      expect(await keysOf(['m1', 'none'])).toEqual(['a-waiting', 'c-second'])
      expect(await keysOf(['m2', 'm1'])).toEqual(['a-waiting', 'c-second', 'd-first'])
      expect(await keysOf([])).toEqual([])
    })
  })
}
