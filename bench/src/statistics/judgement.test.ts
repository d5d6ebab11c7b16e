import { seededRandom } from '@bulkhead/statistics/seeded-random'
import { expect, test } from 'vitest'
import { CHECKS } from './checks.ts'
import { acceptedRates, type Expectation, holds } from './judgement.ts'

const TRIALS = 20_000
const exact: Expectation = { type: 'level', alpha: 0.05, conservative: false }
const atMost: Expectation = { ...exact, conservative: true }

test('a rate has to be within the bounds that hold it in 99.9 % of runs, or below where that is fine', () => {
  const [low, high] = acceptedRates(0.05, false, TRIALS)
  // 3.29 standard errors of 0.00154.
  expect(low).toBeCloseTo(0.045, 3)
  expect(high).toBeCloseTo(0.0551, 3)
  const verdicts = [low - 1 / TRIALS, low, high, high + 1 / TRIALS].map((rate) =>
    [exact, atMost].map((expectation) =>
      holds(expectation, { trials: TRIALS, hits: Math.round(rate * TRIALS) }),
    ),
  )
  expect(verdicts).toEqual([
    [false, true],
    [true, true],
    [true, true],
    [false, false],
  ])
  expect(acceptedRates(0.05, true, TRIALS)).toEqual([0, high])
})

test('a power is within two points of its plan, and a promised one not below', () => {
  const verdicts = [0.77, 0.79, 0.81, 0.83].map((rate) =>
    [false, true].map((atLeast) =>
      holds({ type: 'power', planned: 0.8, atLeast }, { trials: TRIALS, hits: Math.round(rate * TRIALS) }),
    ),
  )
  expect(verdicts).toEqual([
    [false, false],
    [true, true],
    [true, true],
    [false, true],
  ])
})

test('a short run cannot tell two points', () => {
  const planned: Expectation = { type: 'power', planned: 0.8, atLeast: false }
  const verdicts = [60, 70, 88, 95].map((hits) => holds(planned, { trials: 100, hits }))
  expect(verdicts).toEqual([false, true, true, false])
})

test('a figure is within its tolerance, and one that is missing is not', () => {
  const expectation: Expectation = { type: 'figure', expected: 0.51, tolerance: 0.03 }
  const verdicts = [0.49, 0.5, 0.525, 0.53].map((value) => holds(expectation, { trials: 1, hits: 0, value }))
  expect(verdicts).toEqual([false, true, true, false])
  expect(holds(expectation, { trials: 1, hits: 0 })).toBe(false)
})

function runCheck(name: string, experiments: number): { readonly rate: number; readonly passes: boolean } {
  const check = CHECKS.find((candidate) => candidate.name === name)
  if (check === undefined) throw new Error(`there is no check "${name}"`)
  const finding = check.run(experiments, seededRandom(3))
  return { rate: finding.hits / finding.trials, passes: holds(check.expectation, finding) }
}

test('a naive peek at daily looks fails the check that a test with bounds for them passes', () => {
  const naive = runCheck('naive peek: Welch at daily looks', 400)
  expect(naive.passes).toBe(false)
  expect(naive.rate).toBeGreaterThan(0.2)
  expect(runCheck('group-sequential, POCOCK', 400).passes).toBe(true)
})

test('every check simulates what it says', () => {
  const findings = CHECKS.map(({ name, run }) => ({ name, ...run(3, seededRandom(1)) }))
  for (const { trials, hits } of findings) expect(trials).toBeGreaterThanOrEqual(hits)
  expect(new Set(findings.map(({ name }) => name)).size).toBe(CHECKS.length)
})
