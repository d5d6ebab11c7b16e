import type { Deliveries } from '../domain/deliveries.ts'
import type { Variant } from '../domain/experiment.ts'
import type { Sums } from '../read-model/port.ts'
import type { HealthCheck } from './health-check.ts'

const HOUR_MS = 3_600_000

/**
 * Above this share of a variant's exposures something is broken: delivery loses nothing by itself. It is as large as the
 * smallest effects that are worth an experiment, so what is missing could make one up or hide it.
 */
const MAX_MISSING_SHARE = 0.01

/**
 * Compares what producers say they have served with the exposures that have arrived, over the hours before the cutoff that
 * every producer has delivered in full. A producer that was killed has not told of its last seconds, so more may arrive
 * than was told in an hour; that is no failure. Units that were erased are missing, too.
 *
 * Where exposures follow impressions, nobody knows how many there should be, and the check is not made: `served` events
 * show which experiments these are.
 */
export function missingData(
  { arrived, served }: Pick<Sums, 'arrived' | 'served'>,
  variants: readonly Pick<Variant, 'key'>[],
  cutoff: number,
  deliveries: Deliveries,
): HealthCheck {
  const { through, uncounted, dropped } = deliveries
  const limit = Math.min(cutoff, (through ?? Number.NEGATIVE_INFINITY) + 1)
  const due = deliveries.served.filter(({ hour }) => hour + HOUR_MS <= limit)
  const there = new Map(
    arrived.map(({ variantKey, hour, exposures }) => [cell(variantKey, hour), Number(exposures)]),
  )
  const hoursOf = variants.map(({ key }) => due.filter(({ variantKey }) => variantKey === key))
  const expected = hoursOf.map((hours) => total(hours.map(({ count }) => count)))
  // Hour by hour, so that what nobody has told of in one hour does not hide what is missing in another.
  const observed = hoursOf.map((hours) =>
    total(
      hours.map(({ variantKey, hour, count }) => Math.min(count, there.get(cell(variantKey, hour)) ?? 0)),
    ),
  )
  const losses = `${dropped} events given up and ${uncounted} not counted by producers, of all experiments`
  function check(passed: boolean, detail: string, compared = true): HealthCheck {
    const counts = compared ? { observed, expected } : { observed: [], expected: [] }
    return { kind: 'MISSING_DATA', passed, pValue: null, ...counts, detail: `${detail}; ${losses}` }
  }
  if (served.length > 0) return check(true, 'exposures follow impressions, which nobody has counted', false)
  if (total(expected) === 0) return check(true, 'no producer has told of an hour that is delivered', false)
  const worst = variants
    .map(({ key }, index) => {
      const [told = 0, found = 0] = [expected[index], observed[index]]
      return { key, told, missing: told - found, share: told === 0 ? 0 : (told - found) / told }
    })
    .reduce((most, one) => (one.share > most.share ? one : most))
  const detail = `${worst.missing} of ${worst.told} exposures of ${worst.key} are missing, ${(worst.share * 100).toFixed(3)} %`
  return check(worst.share <= MAX_MISSING_SHARE, detail)
}

function cell(variantKey: string, hour: number): string {
  return JSON.stringify([variantKey, hour])
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
