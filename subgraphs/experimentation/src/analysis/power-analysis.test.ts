import { expect, test } from 'vitest'
import type { PowerQuestion } from '../domain/plan/power-question.ts'
import { analysePower, type PowerAnalysis } from './power-analysis.ts'

/** Of a metric whose rule leaves the test a level of .05 and a power of .82. */
const MEAN: PowerQuestion = {
  kind: 'MEAN',
  baseline: 10,
  variance: 100,
  minimumEffect: 0.03,
  scale: 'RELATIVE',
  method: 'FIXED_HORIZON',
  looks: null,
  spending: null,
  twoSided: true,
  wholeRule: true,
  alpha: 0.05,
  power: 0.8,
  allocation: [0.5, 0.5],
  successMetrics: 1,
  guardrailMetrics: 0,
  role: null,
  cupedCorrelation: null,
}

function plan(change: Partial<PowerQuestion> = {}): PowerAnalysis {
  const outcome = analysePower({ ...MEAN, ...change })
  if (outcome.type !== 'planned') throw new Error(JSON.stringify(outcome.problems))
  return outcome.analysis
}

function problems(change: Partial<PowerQuestion>): string[] {
  const outcome = analysePower({ ...MEAN, ...change })
  return outcome.type === 'planned' ? [] : outcome.problems.map(({ path }) => path.join('.'))
}

test('levels are those of the decision rule', () => {
  expect(plan()).toMatchObject({ testAlpha: 0.05 })
  // beta .2 less the .02 of deterioration and quality tests, for one success.
  expect(plan().testPower).toBeCloseTo(0.82, 12)
  const many = plan({ allocation: [0.4, 0.3, 0.3], successMetrics: 3, guardrailMetrics: 2 })
  expect(many.testAlpha).toBeCloseTo(0.05 / 6, 12)
  expect(many.testPower).toBeCloseTo(1 - 0.18 / 3, 12)
  const guardrail = plan({ successMetrics: 1, guardrailMetrics: 2, role: 'GUARDRAIL', minimumEffect: 0.02 })
  expect(guardrail.testAlpha).toBe(0.05)
})

test('spotify/confidence, against G*Power: .3 absolute, variance 100, power .85 needs 39,906 units', () => {
  const alone = { scale: 'ABSOLUTE', minimumEffect: 0.3, power: 0.85, wholeRule: false } as const
  const { totalUnits, variantUnits } = plan(alone)
  expect(totalUnits).toBe(39_906)
  // The same power of the test, where the stops of the rule take .02.
  expect(plan({ ...alone, power: 0.83, wholeRule: true }).totalUnits).toBe(39_906)
  expect(variantUnits).toEqual([totalUnits / 2, totalUnits / 2])
})

test('a proportion counts with the variance of each arm', () => {
  const { totalUnits } = plan({ kind: 'PROPORTION', baseline: 0.1, variance: null, minimumEffect: 0.2 })
  // (z(.975) + z(.82))^2 (p1 q1 r^2 + p2 q2) / (p1 .2)^2 an arm, by the delta method at a ratio r from 1 to 1.2.
  const perArm = (ratio: number) =>
    (1.959964 + 0.915365) ** 2 * ((0.09 * ratio ** 2 + 0.12 * 0.88) / 0.02 ** 2)
  expect(totalUnits).toBeGreaterThan(2 * perArm(1.05))
  expect(totalUnits).toBeLessThan(2 * perArm(1.2))
  const absolute = {
    kind: 'PROPORTION',
    baseline: 0.1,
    variance: null,
    minimumEffect: 0.02,
    scale: 'ABSOLUTE',
  } as const
  expect(Math.abs(plan(absolute).totalUnits / (2 * perArm(1)) - 1)).toBeLessThan(0.001)
})

test('CUPED needs 1 - rho^2 of the units, whatever the sign of the correlation', () => {
  const { totalUnits } = plan()
  expect(plan({ cupedCorrelation: 0.6 }).totalUnits / totalUnits).toBeCloseTo(0.64, 3)
  expect(plan({ cupedCorrelation: -0.6 })).toEqual(plan({ cupedCorrelation: 0.6 }))
})

test('a loss is found with as many units on the absolute scale, and with fewer one-sided', () => {
  const absolute = { scale: 'ABSOLUTE', minimumEffect: 0.3 } as const
  expect(plan({ ...absolute, minimumEffect: -0.3 })).toEqual(plan(absolute))
  expect(plan({ ...absolute, twoSided: false }).totalUnits).toBeLessThan(plan(absolute).totalUnits)
  expect(plan({ ...absolute, minimumEffect: -0.3, twoSided: false })).toEqual(
    plan({ ...absolute, twoSided: false }),
  )
})

test('a guardrail is planned against its margin, one-sided and without an effect', () => {
  const { totalUnits } = plan({ successMetrics: 0, guardrailMetrics: 1, minimumEffect: 0.02 })
  const perArm = ((1.644854 + 0.915365) ** 2 * 2 * 100) / (0.02 * 10) ** 2
  // The test takes its error at the effect that it observes, so a little more or less.
  expect(Math.abs(totalUnits / (2 * perArm) - 1)).toBeLessThan(0.02)
})

test('every variant has its share, and the smallest one decides', () => {
  const { totalUnits, variantUnits } = plan({ allocation: [0.5, 0.3, 0.2] })
  const shares = variantUnits.map((units) => units / totalUnits)
  expect(shares.map((share) => Number(share.toFixed(3)))).toEqual([0.5, 0.3, 0.2])
  expect(totalUnits).toBeGreaterThan(plan({ allocation: [0.4, 0.3, 0.3] }).totalUnits)
})

test('looks cost units, a confidence sequence most, and the same question has the same answer', () => {
  const fixed = plan().totalUnits
  const groups = plan({ method: 'GROUP_SEQUENTIAL', looks: 5 })
  const sequence = plan({ method: 'ALWAYS_VALID' })
  expect(groups.totalUnits / fixed).toBeGreaterThan(1.01)
  expect(groups.totalUnits / fixed).toBeLessThan(1.06)
  expect(sequence.totalUnits / fixed).toBeGreaterThan(1.4)
  expect(sequence.totalUnits / fixed).toBeLessThan(2)
  expect(plan({ method: 'GROUP_SEQUENTIAL', looks: 5 })).toEqual(groups)
  const pocock = plan({ method: 'GROUP_SEQUENTIAL', looks: 5, spending: 'POCOCK' })
  expect(pocock.totalUnits).toBeGreaterThan(groups.totalUnits)
})

test('a confidence sequence has at least its first look', () => {
  expect(plan({ method: 'ALWAYS_VALID', minimumEffect: 5 })).toMatchObject({ variantUnits: [100, 100] })
})

test.each<[string, Partial<PowerQuestion>, string[]]>([
  ['no variance', { variance: null }, ['variance']],
  ['a negative variance', { variance: -1 }, ['variance']],
  ['a proportion with a variance', { kind: 'PROPORTION', baseline: 0.5 }, ['variance']],
  ['a proportion above 1', { kind: 'PROPORTION', baseline: 2, variance: null }, ['baseline']],
  [
    'an effect beyond 1',
    { kind: 'PROPORTION', baseline: 0.6, variance: null, minimumEffect: 1 },
    ['minimumEffect'],
  ],
  ['no effect', { minimumEffect: 0 }, ['minimumEffect']],
  ['an effect that is no number', { minimumEffect: Number.NaN }, ['minimumEffect']],
  ['an effect too small for any experiment', { minimumEffect: 1e-6 }, ['minimumEffect']],
  ['a relative effect of nothing', { baseline: 0 }, ['baseline']],
  ['looks for one look', { looks: 3 }, ['looks']],
  ['too many looks', { method: 'GROUP_SEQUENTIAL', looks: 101 }, ['looks']],
  ['no looks', { method: 'GROUP_SEQUENTIAL' }, ['looks']],
  ['an unknown spending', { method: 'GROUP_SEQUENTIAL', looks: 3, spending: 'X' }, ['spending']],
  ['a quantile at every look', { kind: 'QUANTILE', method: 'ALWAYS_VALID' }, ['method']],
  ['CUPED for a quantile', { kind: 'QUANTILE', cupedCorrelation: 0.5 }, ['cupedCorrelation']],
  ['a perfect correlation', { cupedCorrelation: 1 }, ['cupedCorrelation']],
  ['alpha of a half', { alpha: 0.5 }, ['alpha']],
  ['power below alpha', { power: 0.04 }, ['power']],
  ['a power that the stops use up', { power: 0.99 }, ['power']],
  ['one variant', { allocation: [1] }, ['allocation']],
  ['shares that are not all', { allocation: [0.5, 0.4] }, ['allocation']],
  ['a share of 0', { allocation: [1, 0] }, ['allocation']],
  ['21 variants', { allocation: Array.from({ length: 21 }, () => 1 / 21) }, ['allocation']],
  ['no metric', { successMetrics: 0 }, ['successMetrics']],
  ['half a metric', { successMetrics: 1.5 }, ['successMetrics']],
  ['a success without one', { successMetrics: 0, guardrailMetrics: 1, role: 'SUCCESS' }, ['successMetrics']],
  ['a guardrail without one', { role: 'GUARDRAIL' }, ['guardrailMetrics']],
  ['a negative margin', { guardrailMetrics: 1, role: 'GUARDRAIL', minimumEffect: -0.1 }, ['minimumEffect']],
])('a question with %s is refused by name', (_, change, fields) => {
  expect(problems(change)).toEqual(fields)
})
