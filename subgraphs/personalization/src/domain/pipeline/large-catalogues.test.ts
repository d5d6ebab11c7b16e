import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleHistory } from '../../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleMix, sampleQuery } from '../../testing/samples/serving.ts'
import { NOON } from '../../testing/samples/time.ts'
import { serveQuery } from '../../testing/test-pipeline.ts'
import { isOffered } from '../availability.ts'
import { groupOf, type Item } from '../item.ts'
import { unknownHistory } from './hydration/user-history.ts'
import type { Query } from './query.ts'

/** Larger than what any source is asked for: 200 candidates, or four a position. */
const ITEMS = 1_500

/** Why all items of a range are left out, or are alike. */
const REASONS = [
  'excluded',
  'hidden',
  'consumed',
  'creator',
  'group',
  'early',
  'late',
  'abroad',
  'gone',
] as const
type Reason = (typeof REASONS)[number]

const HIDDEN_CREATOR = 'hidden creator'

function itemOf(reason: Reason | null, at: number): Partial<Item> {
  // The newest are first in every list, and they are what the reasons are about.
  const createdAt = NOON - at
  switch (reason) {
    case 'creator':
      return { createdAt, creator: HIDDEN_CREATOR }
    case 'group':
      return { createdAt, attributes: { group: 'one thing' } }
    case 'early':
      return { createdAt, availableFrom: NOON + 1 }
    case 'late':
      return { createdAt, availableUntil: NOON }
    case 'abroad':
      return { createdAt, markets: ['SE'] }
    case 'gone':
      return { createdAt, available: false }
    default:
      return { createdAt, creator: at % 4 === 0 ? null : `c${at % 50}` }
  }
}

const anyLargeQuery = fc
  .record({
    ranges: fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 700 }), reason: fc.option(fc.constantFrom(...REASONS)) }),
      { maxLength: 4 },
    ),
    historyKnown: fc.boolean(),
    broken: fc.subarray(['model', 'popular', 'trending'] as const),
    mix: fc.subarray(['model', 'popular', 'trending', 'new'], { minLength: 1 }),
    maxPerCreator: fc.option(fc.integer({ min: 1, max: 3 })),
    epsilon: fc.constantFrom(0, 0.3),
    mmrLambda: fc.constantFrom(1, 0.6),
    size: fc.constantFrom(1, 20, 120),
  })
  .map(({ ranges, historyKnown, broken, size, mix, ...parameters }): Query => {
    const reasons: (Reason | null)[] = ranges.flatMap(({ length, reason }) => Array(length).fill(reason))
    const items = sampleItems(ITEMS, (at) => itemOf(reasons[at] ?? null, at))
    const ids = items.map(({ id }) => id)
    const idsOf = (reason: Reason) => ids.filter((_, at) => reasons[at] === reason)
    const history = sampleHistory([
      ...idsOf('hidden').map((id) => [id, 'HIDE'] as const),
      ['somewhere else', 'HIDE', HIDDEN_CREATOR],
      ...idsOf('consumed').map((id) => [id, 'PLAY'] as const),
    ])
    const catalogue = sampleCatalogue(items, ids, ids)
    const fail = () => {
      throw new Error('broken')
    }
    const model = broken.includes('model') ? sampleFailingModel() : sampleRankingModel(ids)
    return sampleQuery({
      size,
      exclude: new Set(idsOf('excluded')),
      history: historyKnown ? history : unknownHistory(history.blocked),
      now: NOON,
      market: 'NL',
      parameters: { ...sampleMix(...mix), ...parameters },
      model: sampleLoadedModel(model),
      catalogue: {
        ...catalogue,
        popular: broken.includes('popular') ? fail : catalogue.popular,
        trending: broken.includes('trending') ? fail : catalogue.trending,
      },
    })
  })

function mayBeShown({ catalogue, exclude, history, now, market }: Query, itemId: string): boolean {
  const item = catalogue.itemById(itemId)
  return (
    item !== undefined &&
    isOffered(item, { now, market }) &&
    !exclude.has(itemId) &&
    !history.consumed.has(itemId) &&
    !history.blocked.items.has(itemId) &&
    (item.creator === null || !history.blocked.creators.has(item.creator))
  )
}

describe('a slate from a catalogue beyond the candidate width', () => {
  test('is full, holds nothing twice and nothing that is left out, and is made again from its seed', async () => {
    await fc.assert(
      fc.asyncProperty(anyLargeQuery, fc.constantFrom(1, 0.5, 1 / 16), async (query, qualityFactor) => {
        const load = { qualityFactor: () => qualityFactor }
        const { items } = await serveQuery(query, load)
        const ids = items.map(({ itemId }) => itemId)
        const thingOf = (id: string) => groupOf(query.catalogue.itemById(id)) ?? id
        expect(new Set(ids.map(thingOf)).size).toBe(ids.length)
        expect(ids.filter((id) => !mayBeShown(query, id))).toEqual([])
        const things = new Set(
          [...query.catalogue.staticItems()].filter((id) => mayBeShown(query, id)).map(thingOf),
        )
        expect(ids.length).toBe(Math.min(query.size, things.size))
        expect((await serveQuery(query, load)).items).toEqual(items)
      }),
      { numRuns: 60 },
    )
  })

  test('is full though all that comes first is one thing in a thousand forms', async () => {
    const items = sampleItems(ITEMS, (at) => itemOf(at < 1_000 ? 'group' : null, at))
    const ids = items.map(({ id }) => id)
    const catalogue = sampleCatalogue(items, ids, ids)
    for (const mix of [['model'], ['popular'], ['trending'], ['new']]) {
      const { items: served } = await serveQuery({
        catalogue,
        now: NOON,
        model: sampleLoadedModel(sampleRankingModel(ids)),
        parameters: sampleMix(...mix),
      })
      expect(served.map(({ itemId }) => itemId)).toEqual(['i0', ...ids.slice(1_000, 1_019)])
    }
  })
})
