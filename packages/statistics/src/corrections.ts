import { type Result, refuse } from './result.ts'

/**
 * Adjusted p-values, in the order of the raw ones: reject those below alpha. Holm and Benjamini-Hochberg are for
 * exploration; the decision rule divides alpha instead (`rule-alphas.ts`).
 * All three refuse `invalid-input` for a p-value outside [0, 1].
 */

/** Each p-value times their number, at most 1: controls the chance of any false rejection. */
export function bonferroni(pValues: readonly number[]): Result<readonly number[]> {
  if (!areProbabilities(pValues)) return refuse('invalid-input')
  return pValues.map((p) => Math.min(1, p * pValues.length))
}

/**
 * Holm 1979: the i-th smallest of m times (m - i + 1), and never less than the adjusted one before it. Controls what
 * Bonferroni controls and rejects at least as much.
 */
export function holm(pValues: readonly number[]): Result<readonly number[]> {
  if (!areProbabilities(pValues)) return refuse('invalid-input')
  const adjusted = [...pValues]
  let largest = 0
  for (const [rank, { p, index }] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)))
    adjusted[index] = largest
  }
  return adjusted
}

/**
 * Benjamini and Hochberg 1995: the i-th smallest of m times m / i, and never more than the adjusted one after it.
 * Controls the expected share of false rejections, for independent or positively dependent tests.
 */
export function benjaminiHochberg(pValues: readonly number[]): Result<readonly number[]> {
  if (!areProbabilities(pValues)) return refuse('invalid-input')
  const adjusted = [...pValues]
  let smallest = 1
  for (const [rank, { p, index }] of [...ascending(pValues).entries()].reverse()) {
    smallest = Math.min(smallest, p * (pValues.length / (rank + 1)))
    adjusted[index] = smallest
  }
  return adjusted
}

function areProbabilities(pValues: readonly number[]): boolean {
  return pValues.every((p) => p >= 0 && p <= 1)
}

function ascending(pValues: readonly number[]): { p: number; index: number }[] {
  return pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
}
