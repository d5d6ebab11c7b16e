import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CONSUMING_TYPES, type Interaction } from '../domain/interaction.ts'
import { createInteractionMatrixBuilder } from '../domain/item-to-item/interaction-matrix.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { planTraining } from '../domain/training/training-plan.ts'
import { rankingQuality } from '../testing/ranking-quality.ts'
import { DEMO_ARTISTS, DEMO_END, DEMO_TRACKS, demoCatalogue } from './catalogue.ts'
import { DEMO_INTERACTIONS, DEMO_LISTENERS, demoInteractions } from './listeners.ts'

const SEED = 1
/** Changes whenever the demo does, and then by intention. */
const DIGEST = 'b316dca355d07ad5b398f70a20ef9b068cc9464900e894fb788d8c64acaeec5f'
const catalogue = demoCatalogue(SEED)
const interactions = [...demoInteractions(SEED, catalogue)]

function digest(seed: number): string {
  const demo = demoCatalogue(seed)
  const hash = createHash('sha256').update(JSON.stringify(demo.tracks))
  for (const interaction of demoInteractions(seed, demo)) hash.update(JSON.stringify(interaction))
  return hash.digest('hex')
}

describe('demo data', () => {
  test('is the same, byte for byte, on every machine; another seed gives other data', () => {
    expect(digest(SEED)).toBe(DIGEST)
    expect(digest(SEED + 1)).not.toBe(DIGEST)
  })

  test('has as many tracks, artists, listeners and interactions as it says', () => {
    expect(catalogue.tracks.length).toBe(DEMO_TRACKS)
    expect(new Set(catalogue.tracks.map(({ item }) => item.id)).size).toBe(DEMO_TRACKS)
    expect(new Set(catalogue.tracks.map(({ item }) => item.creator)).size).toBe(DEMO_ARTISTS)
    expect(new Set(catalogue.tracks.flatMap(({ item }) => item.categories)).size).toBe(12)
    expect(interactions.length).toBe(DEMO_INTERACTIONS)
    expect(new Set(interactions.map(({ eventId }) => eventId)).size).toBe(DEMO_INTERACTIONS)
    expect(new Set(interactions.map(({ userId }) => userId)).size).toBe(DEMO_LISTENERS)
  })

  test('lies in the 90 days before its end and names only tracks of the catalogue', () => {
    const ids = new Set(catalogue.tracks.map(({ item }) => item.id))
    expect(interactions.every(({ itemId }) => ids.has(itemId))).toBe(true)
    const times = interactions.map(({ occurredAt }) => occurredAt).sort((a, b) => a - b)
    expect(times.at(-1)).toBeLessThanOrEqual(DEMO_END)
    expect(times[0]).toBeGreaterThanOrEqual(DEMO_END - 90 * 86_400_000)
  })

  test('has plays, likes, skips and some hides, and a long tail of popularity', () => {
    const share = (type: string) =>
      interactions.filter((one) => one.type === type).length / interactions.length
    expect(share('PLAY')).toBeGreaterThan(0.6)
    expect(share('LIKE')).toBeGreaterThan(0.05)
    expect(share('SKIP')).toBeGreaterThan(0.05)
    expect(share('HIDE')).toBeGreaterThan(0.001)
    expect(share('HIDE')).toBeLessThan(0.05)
    const plays = new Map<string, number>()
    for (const { itemId } of interactions) plays.set(itemId, (plays.get(itemId) ?? 0) + 1)
    const sorted = [...plays.values()].sort((a, b) => b - a)
    const head = sorted.slice(0, DEMO_TRACKS / 10).reduce((sum, count) => sum + count, 0)
    expect(head / DEMO_INTERACTIONS).toBeGreaterThan(0.3)
    expect(head / DEMO_INTERACTIONS).toBeLessThan(0.7)
  })

  // The oracle of the algorithms for whoever has no research data: the demo's tastes are known to be there.
  describe('has tastes: on the last fifth of what each listener heard', () => {
    const builder = createInteractionMatrixBuilder()
    const popularity = new Map<string, number>()
    const parts: { history: string[]; next: Set<string> }[] = []
    for (const own of Map.groupBy(interactions, ({ userId }) => userId).values()) {
      const heard = firstHearings(own)
      const history = heard.slice(0, Math.ceil(heard.length * 0.8))
      for (const itemId of history) {
        builder.add(own[0]!.userId, itemId)
        popularity.set(itemId, (popularity.get(itemId) ?? 0) + 1)
      }
      parts.push({ history, next: new Set(heard.slice(history.length)) })
    }
    const matrix = builder.build()
    const popular = [...popularity].sort((a, b) => b[1] - a[1]).map(([itemId]) => itemId)

    function precision(rank: (history: readonly string[]) => readonly string[]): number {
      const users = parts.map(({ history, next }) => ({ relevant: next, ranked: rank(history) }))
      return rankingQuality(users, 10).precision
    }

    const byPopularity = precision((history) => {
      const heard = new Set(history)
      return popular.filter((itemId) => !heard.has(itemId))
    })

    test.each([
      [{ algorithm: 'ease', parameters: {} }, 3],
      [{ algorithm: 'ials', parameters: { dimensions: 16, epochs: 5 } }, 2],
      [{ algorithm: 'item-knn', parameters: {} }, 2.5],
    ] as const)('%o is %f times as precise as popularity', (choice, times) => {
      const planned = planTraining(choice, matrix)
      if (planned.type !== 'plan') return expect.unreachable(planned.type)
      const model = decodeModel(complete(planned.plan.train(matrix, 'the demo', null)))
      const byModel = precision((history) =>
        model
          .recommend(
            history.map((itemId) => ({ itemId, weight: 1 })),
            10,
          )
          .map(({ itemId }) => itemId),
      )
      console.info(
        `demo precision@10: ${choice.algorithm} ${byModel.toFixed(4)}, popularity ${byPopularity.toFixed(4)}`,
      )
      expect(byModel).toBeGreaterThan(times * byPopularity)
    })
  })
})

function firstHearings(own: readonly Interaction[]): string[] {
  const consumed = own.filter(({ type }) => CONSUMING_TYPES.includes(type))
  return [...new Set(consumed.toSorted((a, b) => a.occurredAt - b.occurredAt).map(({ itemId }) => itemId))]
}

function complete<Result>(steps: Generator<unknown, Result, void>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
