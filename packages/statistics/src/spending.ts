import { normalTail, normalUpperQuantile } from './distributions.ts'

/** Families of Lan and DeMets 1983, by the names that a plan registers. */
export const SPENDING_FUNCTIONS = ['OBRIEN_FLEMING', 'POCOCK', 'LINEAR', 'QUADRATIC'] as const
export type SpendingFunction = (typeof SPENDING_FUNCTIONS)[number]

/**
 * How much of a one-sided alpha may be spent once the fraction t of the planned information is there; all of it from
 * t = 1 on. A two-sided test spends alpha / 2 on each side.
 * - OBRIEN_FLEMING: 2 P(Z > z / sqrt(t)), where P(Z > z) = alpha / 2: almost nothing early
 * - POCOCK: alpha ln(1 + (e - 1) t): bounds that are nearly equal
 * - LINEAR: alpha t
 * - QUADRATIC: alpha t^2
 * @param fraction above 0
 */
export function spentAlpha(spending: SpendingFunction, alpha: number, fraction: number): number {
  if (fraction >= 1) return alpha
  if (spending === 'OBRIEN_FLEMING') {
    return 2 * normalTail(normalUpperQuantile(alpha / 2) / Math.sqrt(fraction))
  }
  if (spending === 'POCOCK') return alpha * Math.log1p((Math.E - 1) * fraction)
  return spending === 'LINEAR' ? alpha * fraction : alpha * fraction ** 2
}
