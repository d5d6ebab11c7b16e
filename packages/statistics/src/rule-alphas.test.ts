import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalUpperQuantile } from './distributions.ts'
import { type DecisionPlan, ruleAlphas } from './rule-alphas.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer } from './testing/sums.ts'

const PLAN: DecisionPlan = {
  alpha: 0.05,
  beta: 0.2,
  deteriorationAlpha: 0.03,
  qualityAlpha: 0.01,
  treatments: 1,
  successMetrics: 2,
  guardrailMetrics: 3,
  deteriorationMetrics: 1,
  qualityTests: 2,
}

describe('the corrections of arXiv 2402.11609', () => {
  const result = answer(ruleAlphas(PLAN))

  test('success metrics share alpha, guardrails each have all of it', () => {
    expect(result.success).toBeCloseTo(0.05 / 2, 15)
    expect(result.guardrail).toBe(0.05)
    expect(answer(ruleAlphas({ ...PLAN, treatments: 3 })).success).toBeCloseTo(0.05 / 6, 15)
    expect(answer(ruleAlphas({ ...PLAN, treatments: 3 })).guardrail).toBe(0.05)
  })

  test('deterioration is tested on success, guardrail and deterioration metrics, which share its level', () => {
    expect(result.deterioration).toBeCloseTo(0.03 / 6, 15)
    expect(result.quality).toBeCloseTo(0.01 / 2, 15)
  })

  test('beta less what may stop the treatment wrongly is shared by the guardrails and one success', () => {
    expect(result.beta).toBeCloseTo((0.2 - 0.04) / 4, 15)
  })

  test('without a success metric, by the guardrails alone', () => {
    const { success, beta } = answer(ruleAlphas({ ...PLAN, successMetrics: 0 }))
    expect(success).toBeNull()
    expect(beta).toBeCloseTo((0.2 - 0.04) / 3, 15)
  })

  test('one success metric alone keeps alpha and beta', () => {
    const alone = {
      ...PLAN,
      deteriorationAlpha: 0,
      qualityAlpha: 0,
      deteriorationMetrics: 0,
      qualityTests: 0,
    }
    expect(ruleAlphas({ ...alone, successMetrics: 1, guardrailMetrics: 0 })).toEqual({
      success: 0.05,
      guardrail: null,
      deterioration: null,
      quality: null,
      beta: 0.2,
    })
  })

  test('a level without a test to spend it on takes nothing from beta', () => {
    expect(answer(ruleAlphas({ ...PLAN, qualityTests: 0 })).beta).toBeCloseTo((0.2 - 0.03) / 4, 15)
  })

  test('only deterioration metrics: nothing is shipped, so there is no power to plan', () => {
    expect(ruleAlphas({ ...PLAN, successMetrics: 0, guardrailMetrics: 0 })).toEqual({
      success: null,
      guardrail: null,
      deterioration: 0.03,
      quality: 0.005,
      beta: null,
    })
  })
})

test('the risks of all single tests add up to those of the plan', () => {
  const count = fc.integer({ min: 0, max: 8 })
  const counts = fc.tuple(fc.integer({ min: 1, max: 5 }), count, count, count, count)
  fc.assert(
    fc.property(
      counts,
      ([treatments, successMetrics, guardrailMetrics, deteriorationMetrics, qualityTests]) => {
        const plan = {
          ...PLAN,
          treatments,
          successMetrics,
          guardrailMetrics,
          deteriorationMetrics,
          qualityTests,
        }
        const { success, deterioration, quality, beta } = answer(ruleAlphas(plan))
        if (success !== null) expect(success * treatments * successMetrics).toBeCloseTo(0.05, 12)
        const metrics = successMetrics + guardrailMetrics + deteriorationMetrics
        const stops = (deterioration ?? 0) * metrics + (quality ?? 0) * qualityTests
        const passes = guardrailMetrics + Math.min(1, successMetrics)
        if (beta !== null) expect(stops + passes * beta).toBeCloseTo(0.2, 12)
      },
    ),
  )
})

describe('the whole rule, simulated with one-sided z-tests', () => {
  const RUNS = 20_000
  const levels = answer(ruleAlphas(PLAN))
  const critical = {
    success: normalUpperQuantile(levels.success!),
    guardrail: normalUpperQuantile(levels.guardrail!),
    deterioration: normalUpperQuantile(levels.deterioration!),
    quality: normalUpperQuantile(levels.quality!),
    planned: normalUpperQuantile(levels.beta!),
  }
  /** Effects in standard errors that have the planned power for one test. */
  const effect = critical.success + critical.planned
  const margin = critical.guardrail + critical.planned

  type Truth = { success: [number, number]; guardrails: [number, number, number]; deterioration: number }

  /** Share of experiments that ship. With `together` all metrics have the same noise. */
  function shipped({ success, guardrails, deterioration }: Truth, together: boolean): number {
    const random = seededRandom(9)
    let ships = 0
    for (let run = 0; run < RUNS; run++) {
      const shared = standardNormal(random)
      const observe = (truth: number) => truth + (together ? shared : standardNormal(random))
      const successes = success.map(observe)
      const guarded = guardrails.map(observe)
      const metrics = [...successes, ...guarded, observe(deterioration)]
      const quality = [standardNormal(random), standardNormal(random)]
      const passes =
        successes.some((z) => z > critical.success) &&
        guarded.every((z) => z + margin > critical.guardrail) &&
        metrics.every((z) => z > -critical.deterioration) &&
        quality.every((z) => z < critical.quality)
      if (passes) ships++
    }
    return ships / RUNS
  }
  const threeErrors = (p: number) => 3 * Math.sqrt((p * (1 - p)) / RUNS)

  test.each([true, false])('no effect ships with at most alpha (metrics move together: %s)', (together) => {
    const share = shipped({ success: [0, 0], guardrails: [9, 9, 9], deterioration: 0 }, together)
    expect(share).toBeLessThan(0.05 + threeErrors(0.05))
    expect(share).toBeGreaterThan(0.01)
  })

  test.each([true, false])(
    'one guardrail at its margin ships with at most alpha (together: %s)',
    (together) => {
      const share = shipped({ success: [9, 9], guardrails: [-margin, 9, 9], deterioration: 9 }, together)
      expect(share).toBeLessThan(0.05 + threeErrors(0.05))
    },
  )

  test.each([true, false])('the planned effect ships with at least 1 - beta (together: %s)', (together) => {
    const share = shipped({ success: [effect, 0], guardrails: [0, 0, 0], deterioration: 0 }, together)
    expect(share).toBeGreaterThan(0.8 - threeErrors(0.8))
  })

  test('without the correction of beta, the planned effect ships too seldom', () => {
    const uncorrected = critical.success + normalUpperQuantile(PLAN.beta)
    const tight = normalUpperQuantile(PLAN.beta) - critical.planned
    const share = shipped(
      { success: [uncorrected, 0], guardrails: [tight, tight, tight], deterioration: 0 },
      false,
    )
    expect(share).toBeLessThan(0.6)
  })
})

test.each([
  [{ beta: 0.04 }, 'nothing-left-to-spend'],
  [{ alpha: 0 }, 'invalid-input'],
  [{ alpha: 0.5 }, 'invalid-input'],
  [{ beta: 1 }, 'invalid-input'],
  [{ beta: 0 }, 'invalid-input'],
  [{ deteriorationAlpha: -0.1 }, 'invalid-input'],
  [{ deteriorationAlpha: 0 }, 'invalid-input'],
  [{ qualityAlpha: 0 }, 'invalid-input'],
  [{ qualityAlpha: Number.NaN }, 'invalid-input'],
  [{ treatments: 0 }, 'invalid-input'],
  [{ successMetrics: 1.5 }, 'invalid-input'],
  [{ guardrailMetrics: -1 }, 'invalid-input'],
] as const)('%j is refused', (change, reason) => {
  expect(ruleAlphas({ ...PLAN, ...change })).toEqual({ refused: reason })
})

test('success and guardrail metrics alone may go without deterioration tests', () => {
  const plan = { ...PLAN, deteriorationAlpha: 0, deteriorationMetrics: 0 }
  expect(ruleAlphas(plan)).toMatchObject({ deterioration: null, beta: (0.2 - 0.01) / 4 })
})
