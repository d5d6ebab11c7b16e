import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleArm, sampleCanaryPart } from '../../testing/samples/canary.ts'
import { sampleModelVersion } from '../../testing/samples/models.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'

export function describeCanary(urlOf: (database: string) => string): void {
  describe('how refreshes did in their canary', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('canary'))
    })
    afterAll(() => store.close())

    async function kept(...versionIds: string[]) {
      const parts = await store.canaryOf(versionIds)
      return parts.toSorted((a, b) => a.counts.canary.lists - b.counts.canary.lists)
    }

    test('what was counted comes back as it was, of each version and source', async () => {
      const failing = sampleCanaryPart(3, { canary: sampleArm(3, { failed: true, itemIds: [] }) })
      const other = { ...sampleCanaryPart(2), source: 'replica-2' }
      await store.addCanary('shape-v1', failing)
      await store.addCanary('shape-v1', other)
      await store.addCanary('shape-v2', sampleCanaryPart(4))
      expect(await kept('shape-v1')).toEqual([
        { versionId: 'shape-v1', counts: other.counts },
        { versionId: 'shape-v1', counts: failing.counts },
      ])
      expect((await kept('shape-v2', 'none')).map(({ versionId }) => versionId)).toEqual(['shape-v2'])
      expect(await kept('none')).toEqual([])
      expect(await kept()).toEqual([])
    })

    test('a part takes the place of the one before, and one that comes late changes nothing', async () => {
      for (const lists of [5, 9, 9, 7]) await store.addCanary('late-v1', sampleCanaryPart(lists))
      expect(await kept('late-v1')).toEqual([{ versionId: 'late-v1', counts: sampleCanaryPart(9).counts }])
    })

    test('what was counted goes with the artefact of its version', async () => {
      const change = { from: 'EXPERIMENT', to: 'RETIRED', at: NOON, by: 'ada', reason: 'too slow' } as const
      const retired = { stage: 'RETIRED' as const, stageHistory: [change] }
      for (const id of ['gone-v1', 'kept-v1']) {
        await store.saveModelVersion(sampleModelVersion(id, { model: id, ...retired }), new Uint8Array([1]))
        await store.addCanary(id, sampleCanaryPart(2))
      }
      expect(await store.expireArtefact({ before: NOON + 1, keep: ['kept-v1'] })).toBe(true)
      expect((await kept('gone-v1', 'kept-v1')).map(({ versionId }) => versionId)).toEqual(['kept-v1'])
    })

    test('of parts that arrive at the same time the one with most lists stays', async () => {
      const parts = Array.from({ length: 12 }, (_, at) => sampleCanaryPart(at + 1))
      await Promise.all(parts.map((part) => store.addCanary('race-v1', part)))
      expect(await kept('race-v1')).toEqual([{ versionId: 'race-v1', counts: sampleCanaryPart(12).counts }])
    })
  })
}
