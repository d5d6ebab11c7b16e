import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { sampleCandidateLog } from '../../testing/samples/candidate-log.ts'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleSlate, sampleSlateOf } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { MAX_CANDIDATES_TEXT } from '../limits.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'

export function describeLoggedSlates(urlOf: (database: string) => string): void {
  describe('slates that keep their candidates', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('logged'))
    })
    afterAll(() => store.close())

    const scan = async (after: string | null = null, limit = 10) =>
      (await store.scanLoggedSlates({ after, limit })).map(({ slate }) => slate.id)

    test('come back in the order of their ids, with what their users did with them, and no others', async () => {
      const log = sampleCandidateLog()
      const slate = sampleSlate('b', { userId: 'ann' })
      await Promise.all([
        store.saveSlate(sampleSlate('c', { userId: 'bob' }), [], sampleCandidateLog({ lists: [] })),
        store.saveSlate(slate, [], log),
        store.saveSlate(sampleSlate('a', { userId: 'ann' }), []),
      ])
      const played = sampleRecord('e2', { userId: 'ann', slateId: 'b', type: 'PLAY' })
      const seen = sampleRecord('e1', { userId: 'ann', slateId: 'b', type: 'IMPRESSION' })
      await store.recordInteractions([
        played,
        seen,
        sampleRecord('e3', { userId: 'ann', slateId: 'a' }),
        sampleRecord('e4', { userId: 'ann', slateId: null }),
        sampleRecord('e5', { userId: 'eve', slateId: 'b' }),
      ])
      const found = await store.scanLoggedSlates({ after: null, limit: 10 })
      expect(found).toEqual([
        { slate, candidates: log, interactions: [seen.interaction, played.interaction] },
        {
          slate: sampleSlate('c', { userId: 'bob' }),
          candidates: sampleCandidateLog({ lists: [] }),
          interactions: [],
        },
      ])
      expect([await scan(null, 1), await scan('b', 1), await scan('c')]).toEqual([['b'], ['c'], []])
      expect(await store.slatesByIds(['b'])).toEqual([slate])
    })

    test('saving a slate again leaves its candidates as they are', async () => {
      await store.saveSlate(sampleSlate('d'), [], sampleCandidateLog())
      await store.saveSlate(sampleSlate('d'), [], sampleCandidateLog({ size: 7 }))
      await store.saveSlate(sampleSlate('e'), [])
      await store.saveSlate(sampleSlate('e'), [], sampleCandidateLog())
      const found = await store.scanLoggedSlates({ after: 'c', limit: 10 })
      expect(found.map(({ candidates }) => candidates)).toEqual([sampleCandidateLog()])
    })

    test('too large a set is not kept, and its slate is', async () => {
      const [list] = sampleCandidateLog().lists
      const huge = { ...(list ?? expect.unreachable()), source: 'x'.repeat(MAX_CANDIDATES_TEXT) }
      await store.saveSlate(sampleSlate('f'), [], sampleCandidateLog({ lists: [huge] }))
      expect(await store.slatesByIds(['f'])).toHaveLength(1)
      expect(await scan('e')).toEqual([])
    })

    test('the candidates go with an erased or expired slate, and do not come back with a new one of its id', async () => {
      const ofGus = sampleSlateOf('gus')
      const scanned = async () => (await scan(null, 100)).filter((id) => [ofGus.id, 'h', 'i'].includes(id))
      await store.saveSlate(ofGus, [], sampleCandidateLog())
      await store.saveSlate(sampleSlate('h', { createdAt: NOON - 10 }), [], sampleCandidateLog())
      await store.saveSlate(sampleSlate('i'), [], sampleCandidateLog())
      const erasure = newErasure({ id: 'erasure-gus', userId: 'gus', by: 'eve', at: NOON })
      await store.beginErasure(erasure, erasureEvent(erasure))
      await store.eraseSome({ erasureId: erasure.id, through: NOON, limit: 10 })
      expect(await store.expireSlates({ before: NOON - 5, limit: 10 })).toBe(1)
      expect(await scanned()).toEqual(['i'])
      await store.saveSlate({ ...ofGus, userId: 'u1' }, [])
      await store.saveSlate(sampleSlate('h'), [])
      expect(await scanned()).toEqual(['i'])
    })
  })
}
