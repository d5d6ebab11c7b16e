import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SAMPLE_SEED, sampleSource } from '../../../testing/samples/serving.ts'
import { NO_RERANKING, type RerankParameters } from '../assignment/serving-parameters.ts'
import type { CandidateList } from '../sources/candidate-list.ts'
import { rerankerFor, tasteOf } from './reranker.ts'
import { select } from './selection.ts'

type Row = readonly [itemId: string, score: number, creator: string | null, ...categories: string[]]

/** The slate of one list, and the categories by which it was reranked. */
function slate(
  rows: readonly Row[],
  parameters: Partial<RerankParameters>,
  taste: Record<string, number> = {},
  size = rows.length,
) {
  const categories = new Map(rows.map(([itemId, , , ...of]) => [itemId, of]))
  const list: CandidateList = {
    source: sampleSource('model'),
    weight: 1,
    candidates: rows.map(([itemId, score, creator]) => ({ itemId, score, creator, becauseOf: null })),
  }
  const createReranker = rerankerFor(
    { ...NO_RERANKING, ...parameters },
    (itemId) => categories.get(itemId) ?? [],
    new Map(Object.entries(taste)),
  )
  return select([list], { size, maxPerCreator: null, epsilon: 0, createReranker }, SAMPLE_SEED).map(
    ({ candidate }) => candidate.itemId,
  )
}

describe('reranking', () => {
  test('is off unless a parameter asks for it, or where nothing is known to calibrate by', () => {
    expect(rerankerFor(NO_RERANKING, () => [], new Map())).toBeNull()
    expect(rerankerFor({ ...NO_RERANKING, calibration: 0.5 }, () => [], new Map())).toBeNull()
  })

  test('by relevance alone is the order of the list', () => {
    const row = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom('a', 'b'))
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (given) => {
        const rows = given
          .toSorted(([a], [b]) => b - a)
          .map(([score, category], at): Row => [`i${at}`, score, null, category])
        // Almost 1, so that the reranker runs; with nothing alike, similarity takes nothing.
        const unlike = rows.map(([id, score, creator], at): Row => [id, score, creator, `only ${at}`])
        expect(slate(unlike, { mmrLambda: 0.999 })).toEqual(rows.map(([id]) => id))
      }),
    )
  })

  test('MMR: what is like an earlier pick waits for what is not', () => {
    const rows: Row[] = [
      ['rock1', 1, null, 'rock'],
      ['rock2', 0.9, null, 'rock'],
      ['rock-pop', 0.8, null, 'rock', 'pop'],
      ['jazz', 0.5, null, 'jazz'],
    ]
    // Scaled, the scores are 1, .8, .6 and 0. After rock1: rock2 .4 - .5, rock-pop .3 - .25, jazz 0 - 0.
    expect(slate(rows, { mmrLambda: 0.5 })).toEqual(['rock1', 'rock-pop', 'jazz', 'rock2'])
    expect(slate(rows, { mmrLambda: 0.95 })).toEqual(['rock1', 'rock2', 'rock-pop', 'jazz'])
  })

  test('MMR: items of one creator are alike, whatever their categories', () => {
    const rows: Row[] = [
      ['a1', 1, 'a', 'rock'],
      ['a2', 0.9, 'a', 'jazz'],
      ['b1', 0.5, 'b', 'folk'],
      ['c1', 0, null],
    ]
    expect(slate(rows, { mmrLambda: 0.5 })).toEqual(['a1', 'b1', 'c1', 'a2'])
  })

  test('creator decay: each pick of a creator makes their next one less relevant', () => {
    const rows: Row[] = [
      ['a1', 1, 'a'],
      ['a2', 0.9, 'a'],
      ['a3', 0.8, 'a'],
      ['b1', 0.5, 'b'],
      ['n1', 0.45, null],
      ['n2', 0.42, null],
      ['last', 0, 'c'],
    ]
    // a2 counts .45, a3 .4 after a1 and .2 after a2; items without a creator lose nothing.
    expect(slate(rows, { creatorDecay: 0.5 })).toEqual(['a1', 'b1', 'a2', 'n1', 'n2', 'a3', 'last'])
  })

  test('calibration: the slate has the mix of categories that the listener has', () => {
    const rows = Array.from(
      { length: 40 },
      (_, at): Row => [`i${at}`, 40 - at, null, at < 20 ? 'rock' : 'jazz'],
    )
    const rock = (size: number, calibration: number) =>
      slate(rows, { calibration }, { rock: 0.7, jazz: 0.3 }, size).filter((id) => Number(id.slice(1)) < 20)
        .length
    expect(rock(10, 0)).toBe(10)
    expect([rock(10, 1), rock(20, 1)]).toEqual([7, 14])
  })

  test('a candidate far behind is not reached for', () => {
    const same = Array.from({ length: 101 }, (_, at): Row => [`i${at}`, 1 - at / 1000, 'a'])
    const [first, second] = slate([...same, ['other', 0, 'b']], { mmrLambda: 0.1 }, {}, 2)
    expect([first, second]).toEqual(['i0', 'i1'])
  })
})

describe('the taste of a listener', () => {
  test('is the share of each category, by the weight of the items', () => {
    const categories: Record<string, string[]> = { a: ['rock'], b: ['rock', 'jazz'], c: [] }
    const likes = [
      { itemId: 'a', weight: 2 },
      { itemId: 'b', weight: 1 },
      { itemId: 'c', weight: 2 },
    ]
    expect(tasteOf(likes, (id) => categories[id] ?? [])).toEqual(
      new Map([
        ['rock', 2.5 / 3],
        ['jazz', 0.5 / 3],
      ]),
    )
    expect(tasteOf([], () => [])).toEqual(new Map())
  })
})
