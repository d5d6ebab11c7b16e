import type { SeededRandom } from '../pipeline/selection/seeded-random.ts'

/** Differences up to this share of the largest possible sum count as ties, so that rounding decides nothing. */
const TIE = 1e-12

/**
 * Paired sign-flip test, two-sided (Fisher's randomisation test; Smucker et al. 2007 recommend it for comparing rankings):
 * if neither model is better, a user's difference could as well have had the other sign. p is the share of random sign
 * patterns, the observed one included, whose mean difference is at least as far from 0. It needs no distribution, and
 * holds for few users too. Yields the share that is done.
 * @param columns differences of two models, one a user in each; NaN where a user has none
 * @returns a p-value for each column, from 1 / (flips + 1) to 1; null where no user has a value
 */
export function* signFlipTest(
  columns: readonly Float64Array[],
  options: { readonly flips: number; readonly random: SeededRandom },
): Generator<number, readonly (number | null)[], void> {
  const { flips, random } = options
  const users = columns[0]?.length ?? 0
  const tests = columns.map((column) => {
    const differences = column.map((value) => (Number.isNaN(value) ? 0 : value))
    const sum = differences.reduce((total, value) => total + value, 0)
    const largest = differences.reduce((total, value) => total + Math.abs(value), 0)
    return { differences, threshold: Math.abs(sum) - TIE * largest, extreme: 0 }
  })
  const signs = new Int8Array(users)
  for (let flip = 0; flip < flips; flip++) {
    yield flip / flips
    for (let user = 0; user < users; user++) signs[user] = random() < 0.5 ? -1 : 1
    for (const test of tests) {
      let sum = 0
      const { differences } = test
      for (let user = 0; user < users; user++) sum += (differences[user] ?? 0) * (signs[user] ?? 0)
      if (Math.abs(sum) >= test.threshold) test.extreme++
    }
  }
  return columns.map((column, index) =>
    column.every(Number.isNaN) ? null : (1 + (tests[index]?.extreme ?? 0)) / (flips + 1),
  )
}
