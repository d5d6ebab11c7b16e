import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CANDIDATE_SOURCES } from '../domain/pipeline/sources/candidate-sources.ts'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import {
  createTestRecommendationService,
  openWatchedStore,
  type WatchedStore,
} from '../testing/test-recommendation-service.ts'

const HISTORY = ['read', 'failing', 'hanging', 'late'] as const
const COMMIT = ['stored', 'failing'] as const
const MODEL = ['works', 'fails', 'none'] as const
const POPULAR = ['works', 'fails', 'hangs'] as const

let opened: WatchedStore

beforeEach(async () => {
  opened = await openWatchedStore()
})

afterEach(() => opened.store.close())

const LATE_MS = 60

/** Models that recommend everything, what is hidden, excluded and unavailable first; and asks no filter. */
const careless = {
  ...sampleRankingModel(sampleItemIds(60)),
  recommend: () => sampleItemIds(60).map((itemId, at) => ({ itemId, score: 60 - at, becauseOf: null })),
}
const MODELS = {
  works: sampleLoadedModel(careless),
  fails: sampleLoadedModel(sampleFailingModel()),
  none: null,
}
const NO_MODELS = { production: null, previous: null, pinned: [], unloadable: new Set<string>() }

/** One of the models, any. */
function previousOf(draw: number) {
  return Object.values(MODELS)[draw % 3] ?? null
}

/** 60 items; i0 to i9 were hidden one by one, `c0` (every fifth) with i10, i20 to i29 are not available. */
const ITEMS = sampleItems(60, (at) => ({ creator: `c${at % 5}`, available: at < 20 || at > 29 }))

async function hideForAll(userIds: readonly string[]): Promise<void> {
  await opened.store.importInteractions(
    userIds.flatMap((userId) =>
      Array.from({ length: 11 }, (_, at) => {
        const row = sampleInteraction(`${userId}-${at}`, {
          userId,
          itemId: `i${at}`,
          type: at % 2 === 0 ? 'HIDE' : 'DISLIKE',
          occurredAt: NOON + at,
        })
        return at === 10 ? { ...row, hiddenCreator: 'c0' } : row
      }),
    ),
  )
}

test('once read, what a user hid stays hidden through any outage, and no slate is short, double or unavailable', async () => {
  let run = 0
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom(...HISTORY),
      fc.constantFrom(...COMMIT),
      fc.constantFrom(...MODEL),
      fc.constantFrom(...POPULAR),
    ),
    { minLength: 1, maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.subarray(sampleItemIds(60).slice(11, 50), { maxLength: 9 }),
      async (all, exclude) => {
        const userId = `user-${run++}`
        await hideForAll([userId])
        let [history, commit, model, popular]: (typeof all)[number] = ['read', 'stored', 'works', 'works']
        const { recommend, models } = createTestRecommendationService({
          catalogue: sampleCatalogue(ITEMS, sampleItemIds(60)),
          sources: CANDIDATE_SOURCES.map((source) => ({
            ...source,
            candidates(...args) {
              if (source.name !== 'popular' || popular === 'works') return source.candidates(...args)
              return popular === 'hangs' ? new Promise(() => undefined) : Promise.reject(new Error('broken'))
            },
          })),
          store: {
            async servingHistory(...args) {
              if (history === 'failing') throw new Error('broken')
              if (history === 'hanging') return new Promise(() => undefined)
              if (history === 'late') await new Promise((resolve) => setTimeout(resolve, LATE_MS))
              return opened.store.servingHistory(...args)
            },
            saveSlate: (...args) =>
              commit === 'failing' ? Promise.reject(new Error('broken')) : opened.watched.saveSlate(...args),
          },
        })
        await recommend({ userId })
        for (const step of all) {
          ;[history, commit, model, popular] = step
          models.replace({ ...NO_MODELS, production: MODELS[model], previous: previousOf(exclude.length) })
          const { items } = await recommend({ userId, exclude, size: 20 })
          const ids = items.map(({ itemId }) => itemId)
          const wrong = ids.filter((id) => {
            const at = Number(id.slice(1))
            return at <= 10 || at % 5 === 0 || (at >= 20 && at <= 29) || exclude.includes(id)
          })
          expect(wrong).toEqual([])
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids).toHaveLength(20)
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('what was read too late for one slate is hidden from the next, though the datastore is gone by then', async () => {
  await hideForAll(['u9'])
  let late = true
  const { recommend, remembered } = createTestRecommendationService({
    catalogue: sampleCatalogue(ITEMS, sampleItemIds(60)),
    store: {
      async servingHistory(...args) {
        if (!late) throw new Error('gone')
        await new Promise((resolve) => setTimeout(resolve, LATE_MS))
        return opened.store.servingHistory(...args)
      },
      saveSlate: opened.watched.saveSlate,
    },
  })
  expect((await recommend({ userId: 'u9' })).servedBy.cause).toBe('HISTORY_UNAVAILABLE')
  await expect.poll(() => remembered.size()).toBe(11)
  late = false
  const { items } = await recommend({ userId: 'u9', size: 20 })
  expect(items.filter(({ itemId }) => Number(itemId.slice(1)) <= 10)).toEqual([])
})
