import { binomialCdf } from '@bulkhead/statistics/distributions'

/** What a simulation has found: how often something happened, or a figure. */
export type Finding = { readonly trials: number; readonly hits: number; readonly value?: number }

/** What a check wants of it. */
export type Expectation =
  /** A false positive rate: within the bounds around alpha, or only not above them. */
  | { readonly type: 'level'; readonly alpha: number; readonly conservative: boolean }
  /** A power, or with `atLeast` a promise that may be exceeded. */
  | { readonly type: 'power'; readonly planned: number; readonly atLeast: boolean }
  /** A figure, with a relative tolerance. */
  | { readonly type: 'figure'; readonly expected: number; readonly tolerance: number }

/** Each side of the bounds of a rate: together they hold 99.9 %. */
const TAIL = 0.0005
const POWER_TOLERANCE = 0.02

/**
 * Whether a finding is what is expected. A rate has exact binomial bounds: it fails where a true rate of alpha gives so
 * few, or so many, with a probability of less than a two-thousandth. A power is compared with its plan to two points; in a
 * short run, which cannot tell two points, it has these bounds.
 */
export function holds(expectation: Expectation, { trials, hits, value }: Finding): boolean {
  switch (expectation.type) {
    case 'level': {
      const { alpha, conservative } = expectation
      return !isTooMany(hits, trials, alpha) && (conservative || !isTooFew(hits, trials, alpha))
    }
    case 'power': {
      const { planned, atLeast } = expectation
      const distance = hits / trials - planned
      if (distance < 0) return distance >= -POWER_TOLERANCE || !isTooFew(hits, trials, planned)
      return atLeast || distance <= POWER_TOLERANCE || !isTooMany(hits, trials, planned)
    }
    case 'figure':
      return Math.abs((value ?? Number.NaN) / expectation.expected - 1) <= expectation.tolerance
  }
}

function isTooMany(hits: number, trials: number, rate: number): boolean {
  return 1 - binomialCdf(hits - 1, trials, rate) < TAIL
}

function isTooFew(hits: number, trials: number, rate: number): boolean {
  return binomialCdf(hits, trials, rate) < TAIL
}

/** The rates that `holds` accepts, for the table; the lowest is 0 where fewer are fine. */
export function acceptedRates(
  alpha: number,
  conservative: boolean,
  trials: number,
): readonly [number, number] {
  const isAccepted = (hits: number, onlyAbove: boolean) =>
    holds({ type: 'level', alpha, conservative: onlyAbove }, { trials, hits })
  const middle = Math.round(alpha * trials)
  let high = middle
  while (high < trials && isAccepted(high + 1, true)) high += 1
  let low = middle
  while (low > 0 && isAccepted(low - 1, false)) low -= 1
  return [conservative ? 0 : low / trials, high / trials]
}
