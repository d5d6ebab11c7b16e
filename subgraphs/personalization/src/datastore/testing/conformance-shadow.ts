import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareLists } from '../../domain/shadow/comparison.ts'
import { createShadowCounter, type ShadowCounts } from '../../domain/shadow/shadow-counts.ts'
import { sampleModelVersion } from '../../testing/samples/models.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'

function countsOf(requests: number): ShadowCounts {
  const counter = createShadowCounter()
  counter.failed('timedOut', 500)
  for (let request = 1; request < requests; request++) {
    counter.compared(
      compareLists(['a', 'b'], ['b', `c-${request}`], () => 1),
      request,
      100,
    )
  }
  return counter.counts()
}

export function describeShadow(urlOf: (database: string) => string): void {
  describe('what models did in shadow', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('shadow'))
    })
    afterAll(() => store.close())

    async function kept(...versionIds: string[]) {
      const parts = await store.shadowOf(versionIds)
      return parts.toSorted((a, b) => a.counts.compared - b.counts.compared)
    }

    test('what was counted comes back as it was, of each version and source', async () => {
      await store.addShadow('shape-v1', {
        source: 'replica-1',
        championId: 'champion-v1',
        counts: countsOf(3),
      })
      await store.addShadow('shape-v1', { source: 'replica-2', championId: null, counts: countsOf(2) })
      await store.addShadow('shape-v2', {
        source: 'replica-1',
        championId: 'champion-v1',
        counts: countsOf(4),
      })
      expect(await kept('shape-v1')).toEqual([
        { versionId: 'shape-v1', championId: null, counts: countsOf(2) },
        { versionId: 'shape-v1', championId: 'champion-v1', counts: countsOf(3) },
      ])
      expect((await kept('shape-v2', 'none', 'shape-v1')).map(({ versionId }) => versionId)).toEqual([
        'shape-v1',
        'shape-v1',
        'shape-v2',
      ])
      expect(await kept('none')).toEqual([])
      expect(await kept()).toEqual([])
    })

    test('a part takes the place of the one before, and one that comes late changes nothing', async () => {
      const add = (requests: number) =>
        store.addShadow('late-v1', {
          source: 'replica-1',
          championId: 'champion-v1',
          counts: countsOf(requests),
        })
      await add(5)
      await add(9)
      await add(9)
      await add(7)
      expect(await kept('late-v1')).toEqual([
        { versionId: 'late-v1', championId: 'champion-v1', counts: countsOf(9) },
      ])
    })

    test('what was counted goes with the artefact of its version', async () => {
      const change = { from: 'SHADOW', to: 'RETIRED', at: NOON, by: 'ada', reason: 'too slow' } as const
      const retired = { stage: 'RETIRED' as const, stageHistory: [change] }
      for (const id of ['gone-v1', 'kept-v1']) {
        await store.saveModelVersion(sampleModelVersion(id, { model: id, ...retired }), new Uint8Array([1]))
        await store.addShadow(id, { source: 'replica-1', championId: 'champion-v1', counts: countsOf(2) })
      }
      expect(await store.expireArtefact({ before: NOON + 1, keep: ['kept-v1'] })).toBe(true)
      expect((await kept('gone-v1', 'kept-v1')).map(({ versionId }) => versionId)).toEqual(['kept-v1'])
    })

    test('of parts that arrive at the same time the one with most requests stays', async () => {
      await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          store.addShadow('race-v1', {
            source: 'replica-1',
            championId: 'champion-v1',
            counts: countsOf(at + 1),
          }),
        ),
      )
      expect(await kept('race-v1')).toEqual([
        { versionId: 'race-v1', championId: 'champion-v1', counts: countsOf(12) },
      ])
    })
  })
}
