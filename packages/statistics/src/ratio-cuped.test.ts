import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cuped } from './cuped.ts'
import { ratioMoments } from './ratio.ts'
import { type RatioCupedSums, ratioCuped } from './ratio-cuped.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer, crossSumsOf, sumsOf, total } from './testing/sums.ts'
import { welch } from './welch.ts'

/** Numerator and denominator after the exposure, then before it. */
type Unit = readonly [bigint, bigint, bigint, bigint]

function ratioSums(units: readonly Unit[], scale = 1n): RatioCupedSums {
  const column = (index: number) =>
    sumsOf(
      units.map((unit) => unit[index] ?? 0n),
      scale,
    )
  const product = (a: number, b: number) => total(units.map((unit) => (unit[a] ?? 0n) * (unit[b] ?? 0n)))
  return {
    n: BigInt(units.length),
    numerator: column(0),
    denominator: column(1),
    numeratorBefore: column(2),
    denominatorBefore: column(3),
    products: {
      numeratorDenominator: product(0, 1),
      numeratorNumeratorBefore: product(0, 2),
      numeratorDenominatorBefore: product(0, 3),
      denominatorNumeratorBefore: product(1, 2),
      denominatorDenominatorBefore: product(1, 3),
      numeratorBeforeDenominatorBefore: product(2, 3),
    },
  }
}

/** The formula unit by unit, in doubles. */
function byUnits(arms: readonly (readonly Unit[])[]) {
  const linear = arms.map((units) => {
    const sum = (index: number) => units.reduce((part, unit) => part + Number(unit[index]), 0)
    const [ratio, history] = [sum(0) / sum(1), sum(2) / sum(3)]
    const rows = units.map(([y, d, x, c]) => [
      (Number(y) - ratio * Number(d)) / (sum(1) / units.length),
      (Number(x) - history * Number(c)) / (sum(3) / units.length),
    ])
    return { ratio, history, rows, before: [sum(2), sum(3)] as const }
  })
  const all = linear.flatMap(({ rows }) => rows)
  const theta =
    all.reduce((sum, [z = 0, w = 0]) => sum + z * w, 0) / all.reduce((sum, [, w = 0]) => sum + w * w, 0)
  const [x, c] = [0, 1].map((at) => linear.reduce((sum, { before }) => sum + (before[at] ?? 0), 0))
  return linear.map(({ ratio, history, rows }) => ({
    mean: ratio - theta * (history - (x ?? 0) / (c ?? 1)),
    variance: rows.reduce((sum, [z = 0, w = 0]) => sum + (z - theta * w) ** 2, 0) / (rows.length - 1),
  }))
}

const arbitraryUnit = fc.tuple(
  fc.bigInt({ min: 0n, max: 1_000n }),
  fc.bigInt({ min: 1n, max: 50n }),
  fc.bigInt({ min: 0n, max: 1_000n }),
  fc.bigInt({ min: 1n, max: 50n }),
)
const arbitraryArms = fc.array(fc.array(arbitraryUnit, { minLength: 3, maxLength: 20 }), {
  minLength: 1,
  maxLength: 3,
})

test('it is the least-squares adjustment of linearized units, whatever their sums are', () => {
  fc.assert(
    fc.property(arbitraryArms, fc.constantFrom(1n, 1_000_000n), (arms, scale) => {
      const result = answer(ratioCuped(arms.map((units) => ratioSums(units, scale))))
      const expected = byUnits(arms)
      for (const [index, { mean, variance }] of result.arms.entries()) {
        const { mean: byHand = 0, variance: spread = 0 } = expected[index] ?? {}
        fc.pre(Number.isFinite(byHand) && Number.isFinite(spread))
        expect(Math.abs(mean - byHand)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(byHand)))
        expect(Math.abs(variance - spread)).toBeLessThanOrEqual(1e-6 * (1 + spread))
      }
    }),
  )
})

test('with denominators of 1 it is CUPED for means', () => {
  const units = [
    [3n, 1n, 2n, 1n],
    [5n, 1n, 4n, 1n],
    [8n, 1n, 7n, 1n],
    [1n, 1n, 0n, 1n],
  ] as const
  const others = [
    [6n, 1n, 4n, 1n],
    [8n, 1n, 7n, 1n],
    [2n, 1n, 0n, 1n],
  ] as const
  const ratio = answer(ratioCuped([ratioSums(units), ratioSums(others)]))
  const mean = answer(
    cuped([units, others].map((arm) => crossSumsOf(arm.map(([y, , x]) => [y, x] as const)))),
  )
  expect(ratio.theta).toBeCloseTo(mean.theta, 12)
  for (const [index, arm] of mean.arms.entries()) {
    expect(ratio.arms[index]?.mean).toBeCloseTo(arm.mean, 12)
    expect(ratio.arms[index]?.variance).toBeCloseTo(arm.variance, 12)
  }
})

/** Units whose rate before and after the exposure is partly their own, and partly chance. */
function simulated(random: () => number, count: number, effect: number): Unit[] {
  return Array.from({ length: count }, (): Unit => {
    const own = 10 + 3 * standardNormal(random)
    const draw = (shift: number): [bigint, bigint] => {
      const views = 1 + Math.floor(random() * 8)
      return [BigInt(Math.round(views * (own + shift + standardNormal(random)) * 1e3)), BigInt(views * 1e3)]
    }
    const [y, d] = draw(effect)
    const [x, c] = draw(0)
    return [y, d, x, c]
  })
}

test('it removes what history explains, finds the effect, and errs as often as its level says', () => {
  const random = seededRandom(5)
  const test_ = { scale: 'ABSOLUTE', alternative: 'TWO_SIDED', alpha: 0.05 } as const
  let rejected = 0
  let sum = 0
  let remaining = 0
  const runs = 400
  for (let run = 0; run < runs; run++) {
    const arms = [simulated(random, 150, 0), simulated(random, 150, 1)].map((units) => ratioSums(units))
    const [control, treatment] = answer(ratioCuped(arms)).arms
    if (control === undefined || treatment === undefined) throw new Error('two arms are there')
    const { estimate, pValue } = answer(welch(control, treatment, { ...test_, nullValue: 1 }))
    sum += estimate
    if (pValue < 0.05) rejected += 1
    const [first] = arms
    if (first === undefined) continue
    const plain = ratioMoments({
      n: first.n,
      first: first.numerator,
      second: first.denominator,
      sumProducts: first.products.numeratorDenominator,
    })
    remaining += control.variance / answer(plain).variance / runs
  }
  expect(sum / runs).toBeCloseTo(1, 1)
  expect(rejected / runs).toBeLessThan(0.05 + 3.3 * Math.sqrt((0.05 * 0.95) / runs))
  // Linearized values are weighted by views, 1 to 8: their squared correlation is (0.794 * 0.9)^2.
  expect(Math.abs(remaining - 0.49)).toBeLessThan(0.02)
})

test('without history in an arm, or without a denominator, there is no adjustment', () => {
  const without = [
    [3n, 1n, 0n, 0n],
    [5n, 1n, 0n, 0n],
  ] as const
  expect(ratioCuped([ratioSums(without)])).toEqual({ refused: 'zero-denominator' })
  expect(ratioCuped([])).toEqual({ refused: 'invalid-input' })
})
