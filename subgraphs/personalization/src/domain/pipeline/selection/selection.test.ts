import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SAMPLE_SEED, sampleSource } from '../../../testing/samples/serving.ts'
import { NO_RERANKING } from '../assignment/serving-parameters.ts'
import type { CandidateList } from '../sources/candidate-list.ts'
import { createCandidatePool } from './candidate-pool.ts'
import { rerankerFor } from './reranker.ts'
import { candidatesHash, policyIdOf, type SelectionParameters, select } from './selection.ts'

function list(
  name: string,
  weight: number,
  ids: readonly string[],
  creatorOf: (id: string) => string | null = () => null,
): CandidateList {
  return {
    source: sampleSource(name),
    weight,
    candidates: ids.map((itemId, rank) => ({
      itemId,
      score: 1 - rank / 1000,
      creator: creatorOf(itemId),
      becauseOf: null,
    })),
  }
}

function range(prefix: string, count: number) {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`)
}
const seeds = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(''))

/** Two neighbours are one group, but for those without one. */
function pairOf(id: string): string | null {
  const index = Number(id.slice(1))
  return index % 5 === 0 ? null : `g${index >> 1}`
}

const CATEGORIES = ['a', 'b', 'c']

function categoriesOf(id: string): readonly string[] {
  return CATEGORIES.filter((_, at) => (Number(id.slice(1)) >> at) % 2 === 1)
}

const RERANKER = rerankerFor(
  { mmrLambda: 0.5, creatorDecay: 0.7, calibration: 0.3 },
  categoriesOf,
  new Map([
    ['a', 0.75],
    ['c', 0.25],
  ]),
)

/** Overlapping lists with few creators, so that every limit is reached. */
const scenario = fc.record({
  lists: fc
    .tuple(
      fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 25 }),
      fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 25 }),
      fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([model, popular, filler, modelWeight, popularWeight]) => {
      const name = (index: number) => `i${index}`
      const creatorOf = (id: string) => (id.endsWith('3') ? null : `c${id.length}${id.at(-1)}`)
      return [
        list('model', modelWeight, model.map(name), creatorOf),
        list('popular', popularWeight, popular.map(name), creatorOf),
        list('static', 0, filler.map(name), creatorOf),
      ]
    }),
  parameters: fc.record({
    size: fc.integer({ min: 1, max: 30 }),
    maxPerCreator: fc.option(fc.integer({ min: 1, max: 4 })),
    epsilon: fc.constantFrom(0, 0.01, 0.3, 1),
    groupOf: fc.constantFrom(() => null, pairOf),
    createReranker: fc.constantFrom(null, RERANKER),
  }),
  seed: seeds,
})

function distinctItems(lists: readonly CandidateList[]) {
  return new Set(lists.flatMap(({ candidates }) => candidates.map(({ itemId }) => itemId)))
}

describe('selection', () => {
  test('equal candidates, parameters and seed give the same slate', () => {
    fc.assert(
      fc.property(scenario, ({ lists, parameters, seed }) => {
        const copies = lists.map((one) => ({ ...one, candidates: structuredClone(one.candidates) }))
        expect(select(copies, parameters, seed)).toEqual(select(lists, parameters, seed))
      }),
    )
  })

  test('another seed gives another slate when exploring, and the same one when not', () => {
    const lists = [list('model', 1, range('m', 100))]
    const ids = (epsilon: number, seed: string) =>
      select(lists, { size: 20, maxPerCreator: null, epsilon }, seed).map(({ candidate }) => candidate.itemId)
    const other = SAMPLE_SEED.replaceAll('0', 'f')
    expect(ids(1, other)).not.toEqual(ids(1, SAMPLE_SEED))
    expect(ids(0, other)).toEqual(ids(0, SAMPLE_SEED))
  })

  test('no item and no group appears twice, and the slate is as full as the candidates allow', () => {
    fc.assert(
      fc.property(scenario, ({ lists, parameters, seed }) => {
        const picked = select(lists, parameters, seed).map(({ candidate }) => candidate.itemId)
        expect(new Set(picked).size).toBe(picked.length)
        const groups = picked.map((id) => parameters.groupOf(id) ?? id)
        expect(new Set(groups).size).toBe(groups.length)
        const all = [...distinctItems(lists)].map((id) => parameters.groupOf(id) ?? id)
        expect(picked.length).toBe(Math.min(parameters.size, new Set(all).size))
      }),
    )
  })

  test('no creator has more than the limit while another candidate could have been taken', () => {
    fc.assert(
      fc.property(scenario, ({ lists, parameters, seed }) => {
        const limit = parameters.maxPerCreator
        if (limit === null) return
        const picks = select(lists, parameters, seed)
        const creators = new Map(
          lists.flatMap(({ candidates }) => candidates.map(({ itemId, creator }) => [itemId, creator])),
        )
        const count = new Map<string, number>()
        const left = distinctItems(lists)
        for (const { candidate } of picks) {
          const over = (creator: string | null | undefined) =>
            creator !== null && creator !== undefined && (count.get(creator) ?? 0) >= limit
          if (over(candidate.creator)) expect([...left].every((id) => over(creators.get(id)))).toBe(true)
          const group = parameters.groupOf(candidate.itemId)
          for (const id of [...left]) {
            if (id === candidate.itemId || (group !== null && parameters.groupOf(id) === group))
              left.delete(id)
          }
          if (candidate.creator !== null)
            count.set(candidate.creator, (count.get(candidate.creator) ?? 0) + 1)
        }
      }),
    )
  })

  test('each source fills its share of the slate to within one item', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 100 }),
        (modelWeight, popularWeight, size) => {
          const lists = [
            list('model', modelWeight, range('m', 100)),
            list('popular', popularWeight, range('p', 100)),
          ]
          const picks = select(lists, { size, maxPerCreator: null, epsilon: 0 }, SAMPLE_SEED)
          // At every prefix, not only at the end: the first screen has the mix, too.
          let fromModel = 0
          for (const [at, { source }] of picks.entries()) {
            if (source.name === 'model') fromModel++
            const share = ((at + 1) * modelWeight) / (modelWeight + popularWeight)
            expect(Math.abs(fromModel - share)).toBeLessThan(1 + 1e-9)
          }
        },
      ),
    )
  })

  test('a source that runs out leaves its share to the others', () => {
    const lists = [
      list('model', 9, range('m', 2)),
      list('popular', 1, range('p', 10)),
      list('static', 0, range('s', 9)),
    ]
    const sources = select(lists, { size: 15, maxPerCreator: null, epsilon: 0 }, SAMPLE_SEED).map(
      ({ source }) => source.name,
    )
    expect(sources.slice(0, 2)).toEqual(['model', 'model'])
    expect(sources.slice(2, 12)).toEqual(Array(10).fill('popular'))
    expect(sources.slice(12)).toEqual(Array(3).fill('static'))
  })

  test('without exploration every pick is certain and none is marked as explored', () => {
    fc.assert(
      fc.property(scenario, ({ lists, parameters, seed }) => {
        for (const pick of select(lists, { ...parameters, epsilon: 0 }, seed)) {
          expect(pick).toMatchObject({ propensity: 1, explored: false })
        }
      }),
    )
  })

  test('over all items that may fill a position the propensities sum to 1', () => {
    fc.assert(
      fc.property(scenario, ({ lists, parameters, seed }) => {
        const epsilon = Math.max(parameters.epsilon, 0.05)
        const pool = createCandidatePool(lists, parameters)
        for (const pick of select(lists, { ...parameters, epsilon }, seed)) {
          const due = pool.greedy()?.candidate.itemId
          const count = pool.eligibleCount()
          const eligible = Array.from({ length: count }, (_, at) => pool.eligibleAt(at).candidate.itemId)
          const propensities = eligible.map((id) => (id === due ? 1 - epsilon : 0) + epsilon / count)
          expect(new Set(eligible).size).toBe(count)
          expect(propensities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12)
          expect(pick.propensity).toBeCloseTo(propensities[eligible.indexOf(pick.candidate.itemId)] ?? -1, 12)
          expect(pick.propensity).toBeGreaterThan(0)
          expect(pick.propensity).toBeLessThanOrEqual(1)
          const taken = lists.find(({ source }) => source === pick.source)
          if (taken === undefined) throw new Error('a pick without a list')
          pool.take({ candidate: pick.candidate, list: taken })
        }
      }),
    )
  })

  test.each([
    ['in the order of their lists', {}],
    ['in the order of a reranker, one of each group', { createReranker: RERANKER, groupOf: pairOf }],
  ])('items %s are drawn as often as their propensity says, given the picks before', (_, rules) => {
    const creatorOf = (id: string) => (id.startsWith('p') ? null : id < 'm2' ? 'c1' : 'c2')
    const lists = [
      list('model', 2, range('m', 4), creatorOf),
      list('popular', 1, ['m1', 'p0', 'p1'], creatorOf),
    ]
    const parameters: SelectionParameters = { size: 3, maxPerCreator: 1, epsilon: 0.4, ...rules }
    const runs = 40_000
    const seen = new Map<string, { count: number; propensity: number; before: string }>()
    const prefixes = new Map<string, number>()
    for (let run = 0; run < runs; run++) {
      const seed = (run * 2_654_435_761).toString(16).padStart(32, '7').slice(-32)
      let before = ''
      for (const pick of select(lists, parameters, seed)) {
        prefixes.set(before, (prefixes.get(before) ?? 0) + 1)
        const key = `${before} > ${pick.candidate.itemId}`
        const known = seen.get(key)
        if (known === undefined) seen.set(key, { count: 1, propensity: pick.propensity, before })
        else {
          // One prefix, one item: one propensity, whatever came by chance.
          expect(pick.propensity).toBe(known.propensity)
          known.count++
        }
        before = `${key}@${pick.source.name}`
      }
    }
    let compared = 0
    for (const { count, propensity, before } of seen.values()) {
      const trials = prefixes.get(before) ?? 0
      if (trials < 500) continue
      compared++
      const deviations =
        Math.abs(count - trials * propensity) / Math.sqrt(trials * propensity * (1 - propensity) + 1)
      expect(deviations).toBeLessThan(4.5)
    }
    expect(compared).toBeGreaterThan(20)
  })

  test('an item that chance draws although it is due anyway is not marked as explored', () => {
    const lists = [list('model', 1, ['only'])]
    expect(select(lists, { size: 1, maxPerCreator: null, epsilon: 1 }, SAMPLE_SEED)).toMatchObject([
      { explored: false, propensity: 1 },
    ])
  })

  test('a malformed seed is refused where chance is asked for', () => {
    const lists = [list('model', 1, ['only'])]
    expect(() => select(lists, { size: 1, maxPerCreator: null, epsilon: 0.5 }, 'seed')).toThrow(RangeError)
  })

  test('the policy names whether chance took part, whether picks change the order, and whether the width was reduced', () => {
    const ids = [false, true].map((isReduced) =>
      [0, 0.1].flatMap((epsilon) =>
        [{}, { mmrLambda: 0.5 }, { creatorDecay: 0.5 }, { calibration: 0.5 }].map((one) =>
          policyIdOf({ ...NO_RERANKING, ...one, epsilon }, isReduced),
        ),
      ),
    )
    const full = [
      'greedy-v2',
      ...Array(3).fill('diverse-v2'),
      'epsilon-greedy-v2',
      ...Array(3).fill('epsilon-diverse-v2'),
    ]
    expect(ids).toEqual([full, full.map((id) => `reduced-${id}`)])
  })

  test('the hash is over names, counts and the bytes of scores, and changes with source, item, score and order', () => {
    const lists = [list('model', 1, ['ü', '"']), list('static', 0, ['b'])]
    const scores = Buffer.alloc(3 * 8)
    for (const [at, score] of [1, 0.999, 1].entries()) scores.writeDoubleLE(score, at * 8)
    const hashed = createHash('sha256').update('["model",2,"ü","\\"","static",1,"b"]').update(scores)
    expect(candidatesHash(lists)).toBe(hashed.digest('hex'))
    const hashes = [
      lists,
      [list('model', 1, ['"', 'ü']), list('static', 0, ['b'])],
      [list('model', 1, ['ü', '"']), list('popular', 0, ['b'])],
      [list('model', 1, ['ü', '"'])],
      lists.map((one) => ({ ...one, candidates: one.candidates.map((each) => ({ ...each, score: 2 })) })),
    ].map(candidatesHash)
    expect(new Set(hashes).size).toBe(5)
  })
})
