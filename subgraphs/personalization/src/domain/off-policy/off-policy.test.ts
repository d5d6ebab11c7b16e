import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCandidateLog } from '../../testing/samples/candidate-log.ts'
import { sampleCatalogue, sampleItem } from '../../testing/samples/catalogue.ts'
import { samplePlays } from '../../testing/samples/interactions.ts'
import { sampleMix } from '../../testing/samples/serving.ts'
import { sampleSlate } from '../../testing/samples/slates.ts'
import { serveQuery } from '../../testing/test-pipeline.ts'
import { NO_RERANKING } from '../pipeline/assignment/serving-parameters.ts'
import { createSeededRandom, type SeededRandom } from '../pipeline/selection/seeded-random.ts'
import { candidatesHash } from '../pipeline/selection/selection.ts'
import type { SlateItem } from '../slate.ts'
import { type CandidateLog, isSampled } from './candidate-log.ts'
import { estimateOffPolicy, type WeightedReward } from './estimators.ts'
import { loggedDecisions } from './logged-decisions.ts'
import { loggedLists, loggedPositions, selectAgain } from './logged-policy.ts'
import { greedyTarget, sourceTarget, type TargetPolicy, uniformTarget } from './target-policy.ts'

function seedOf(number: number): string {
  return createHash('md5').update(String(number)).digest('hex')
}

const CATEGORIES = ['jazz', 'rock', 'folk']
const ITEMS = Array.from({ length: 40 }, (_, at) =>
  sampleItem(`i${at}`, {
    creator: at % 3 === 0 ? null : `c${at % 5}`,
    categories: CATEGORIES.slice(at % 3, (at % 3) + 1 + (at % 2)),
    attributes: at % 7 === 0 ? { group: `g${at % 2}` } : null,
  }),
)
const CATALOGUE = sampleCatalogue(
  ITEMS,
  ITEMS.map(({ id }) => id),
)

describe('the log of candidates', () => {
  test('with policy and seed it gives the slate and its hash again, whatever the parameters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          number: fc.nat(),
          size: fc.integer({ min: 1, max: 45 }),
          epsilon: fc.double({ min: 0.01, max: 1, noNaN: true }),
          maxPerCreator: fc.option(fc.integer({ min: 1, max: 3 })),
          mmrLambda: fc.constantFrom(1, 0.5),
          creatorDecay: fc.constantFrom(1, 0.7),
          calibration: fc.constantFrom(0, 0.6),
          mix: fc.constantFrom(sampleMix('popular').mix, sampleMix('popular', 'new').mix),
        }),
        async ({ number, size, ...rest }) => {
          const seed = seedOf(number)
          const parameters = { modelVersionId: null, ...rest }
          const history = samplePlays('i1', 'i4', 'i9')
          const query = { size, seed, parameters, history, catalogue: CATALOGUE }
          const { items, policy, candidates } = await serveQuery(query, { candidateLogRate: 1 })
          const log = JSON.parse(JSON.stringify(candidates)) as CandidateLog
          const again = selectAgain(log, policy.seed)
          expect(
            again.map(({ candidate, source, propensity }) => [candidate.itemId, source.name, propensity]),
          ).toEqual(items.map(({ itemId, source, propensity }) => [itemId, source, propensity]))
          expect(candidatesHash(loggedLists(log))).toBe(policy.candidatesHash)
          // Replayed position by position, each served item is one that was eligible.
          for (const { served, pool } of loggedPositions(log, items)) {
            const count = pool.eligibleCount()
            const eligible = Array.from({ length: count }, (_, at) => pool.eligibleAt(at).candidate.itemId)
            expect(eligible).toContain(served.itemId)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('only slates with exploration are in it', async () => {
    const without = await serveQuery(
      { catalogue: CATALOGUE, parameters: sampleMix('popular') },
      { candidateLogRate: 1 },
    )
    expect(without.candidates).toBeNull()
    const explored = { catalogue: CATALOGUE, parameters: { ...sampleMix('popular'), epsilon: 0.1 } }
    expect((await serveQuery(explored, { candidateLogRate: 0 })).candidates).toBeNull()
    expect((await serveQuery(explored, { candidateLogRate: 1 })).candidates).not.toBeNull()
  })

  test('the sample has the share that is asked for, and a larger one holds the smaller', () => {
    const seeds = Array.from({ length: 20_000 }, (_, number) => seedOf(number))
    const sampled = (rate: number) => seeds.filter((seed) => isSampled(seed, rate))
    const tenth = sampled(0.1)
    // Five standard deviations: sqrt(20,000 x .1 x .9) is 42.
    expect(Math.abs(tenth.length - 2_000)).toBeLessThan(212)
    const fifth = new Set(sampled(0.2))
    expect(tenth.every((seed) => fifth.has(seed))).toBe(true)
    expect([sampled(0).length, sampled(1).length]).toEqual([0, seeds.length])
  })

  test('being in the sample says nothing of the first draw of the seed', () => {
    const draws = Array.from({ length: 20_000 }, (_, number) => seedOf(number))
      .filter((seed) => isSampled(seed, 0.1))
      .map((seed) => createSeededRandom(seed)())
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    // Five standard deviations of a mean of 2,000 uniform draws.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws.length))
  })

  test('candidates of another slate are refused', () => {
    expect(() => [...loggedPositions(sampleCandidateLog(), sampleSlate('s').items)]).toThrow(RangeError)
  })
})

/** Four sources' worth of trouble: shared items, one creator with many items, groups, a filler. */
const LOG: CandidateLog = {
  size: 6,
  parameters: { ...NO_RERANKING, maxPerCreator: 2, epsilon: 0.4 },
  taste: [],
  lists: [
    listOf('model', 2, [0, 1, 2, 3, 4, 5]),
    listOf('popular', 1, [3, 8, 1, 9, 10]),
    listOf('static', 0, [11, 12, 0]),
  ],
}

function listOf(source: string, weight: number, numbers: readonly number[]): CandidateLog['lists'][number] {
  const candidates = numbers.map((number, rank) => ({
    itemId: `i${number}`,
    score: 1 / (rank + 1),
    creator: number < 4 ? 'many' : null,
    group: number === 8 || number === 9 ? 'song' : null,
    categories: [],
  }))
  return { source, weight, candidates }
}

/** How likely a listener is to use an item, at any position. */
function rewardChance(itemId: string): number {
  return ((Number(itemId.slice(1)) * 7) % 13) / 13
}

function slateOf(log: CandidateLog, seed: string): readonly SlateItem[] {
  return selectAgain(log, seed).map(({ candidate, source, propensity }) => ({
    itemId: candidate.itemId,
    score: candidate.score,
    source: source.name,
    propensity,
    reason: null,
  }))
}

/**
 * What the target is worth at the positions of these slates, from the known chances alone: the mean over positions of
 * the chance of the item that the target would have put there, the positions before as they were served.
 */
function trueValue(log: CandidateLog, items: readonly SlateItem[], target: TargetPolicy): number[] {
  const values: number[] = []
  for (const position of loggedPositions(log, items)) {
    const { pool } = position
    let value = 0
    const count = pool.eligibleCount()
    for (let at = 0; at < count; at++) {
      const { itemId } = pool.eligibleAt(at).candidate
      const served = { ...position.served, itemId }
      value += target.probability({ ...position, served }) * rewardChance(itemId)
    }
    values.push(value)
  }
  return values
}

describe('off-policy evaluation of slates of the serving policy, with rewards that are known', () => {
  const TARGETS: readonly [string, TargetPolicy][] = [
    ['greedy', greedyTarget],
    ['uniform', uniformTarget],
    ['popular', sourceTarget(LOG, 'popular') ?? expect.unreachable()],
    ['static', sourceTarget(LOG, 'static') ?? expect.unreachable()],
  ]

  function simulate(target: TargetPolicy, slates: number, firstSeed: number, distort = 1) {
    const random: SeededRandom = createSeededRandom(seedOf(firstSeed - 1))
    const decisions: WeightedReward[] = []
    const truths: number[] = []
    for (let number = 0; number < slates; number++) {
      const items = slateOf(LOG, seedOf(firstSeed + number))
      truths.push(...trueValue(LOG, items, target))
      const interactions = items
        .filter(({ itemId }) => random() < rewardChance(itemId))
        .map(({ itemId }) => ({ itemId, type: 'PLAY' as const }))
      const logged = items.map((item) => ({ ...item, propensity: (item.propensity ?? 1) ** distort }))
      const slate = sampleSlate(`s${number}`, { items: logged })
      decisions.push(...loggedDecisions({ slate, candidates: LOG, interactions }, target).decisions)
    }
    const truth = truths.reduce((sum, value) => sum + value, 0) / truths.length
    return { truth, report: estimateOffPolicy(decisions) }
  }

  test.each(TARGETS)('IPS and SNIPS recover the value of %s', (_, target) => {
    const { truth, report } = simulate(target, 6_000, 1_000_000)
    for (const { value, standardError } of [report.ips, report.snips]) {
      expect(standardError).toBeLessThan(0.05)
      expect(Math.abs((value ?? Number.NaN) - truth)).toBeLessThan(4 * (standardError ?? 0))
    }
    expect(report.meanWeight).toBeCloseTo(1, 1)
    expect(report.decisions).toBe(36_000)
    expect(report.effectiveSampleSize).toBeGreaterThan(300)
    expect(report.effectiveSampleSize).toBeLessThan(report.decisions)
  })

  test('the 95% interval holds the true value in about 95 of 100 simulations', () => {
    let inIps = 0
    let inSnips = 0
    for (let run = 0; run < 200; run++) {
      const { truth, report } = simulate(greedyTarget, 200, 10_000_000 + run * 1_000)
      const holds = ({ lower, upper }: typeof report.ips) => (lower ?? 1) <= truth && truth <= (upper ?? 0)
      if (holds(report.ips)) inIps++
      if (holds(report.snips)) inSnips++
    }
    // 190 expected; five standard deviations of a binomial count are 15.
    expect(inIps).toBeGreaterThan(174)
    expect(inSnips).toBeGreaterThan(174)
  })

  test('wrong propensities show: the estimate misses, and the mean weight leaves 1', () => {
    const { truth, report } = simulate(greedyTarget, 6_000, 1_000_000, 1.5)
    expect(Math.abs((report.ips.value ?? 0) - truth)).toBeGreaterThan(10 * (report.ips.standardError ?? 1))
    expect(Math.abs((report.meanWeight ?? 1) - 1)).toBeGreaterThan(0.1)
  })

  test('of all items that may fill a position, a target takes one with certainty', () => {
    const items = slateOf(LOG, seedOf(7))
    for (const [, target] of TARGETS) {
      for (const position of loggedPositions(LOG, items)) {
        const { pool, served } = position
        const count = pool.eligibleCount()
        const total = Array.from({ length: count }, (_, at) => pool.eligibleAt(at).candidate.itemId)
          .map((itemId) => target.probability({ ...position, served: { ...served, itemId } }))
          .reduce((sum, one) => sum + one, 0)
        expect(total).toBeCloseTo(1, 12)
      }
    }
  })

  test('positions without a propensity are left out and counted', () => {
    const items = slateOf(LOG, seedOf(8))
    const [first, ...others] = items
    const slate = sampleSlate('s', {
      items: [{ ...(first ?? expect.unreachable()), propensity: null }, ...others],
    })
    const { decisions, unknownPropensities } = loggedDecisions(
      { slate, candidates: LOG, interactions: [] },
      uniformTarget,
    )
    expect([decisions.length, unknownPropensities]).toEqual([items.length - 1, 1])
  })
})
