import type { Experiment } from '../experiment.ts'
import { runIntervals } from '../intervals.ts'

const DAY_MS = 86_400_000
/** Older traffic says little about the next weeks. */
const RECENT_MS = 28 * DAY_MS

/** What is counted of an experiment so far. */
export type CountedUnits = { readonly units: number; readonly asOf: number }

type Ran = Pick<Experiment, 'startedAt' | 'version' | 'versions' | 'history'>

/**
 * New units a day that an experiment could have if it included everybody: of the experiments that ran in the last four
 * weeks, the one with the most. Its distinct units so far are divided by the days in which it ran, each of which counts by
 * its coverage and its share of the layer; the first day counts as a whole one. Null without any unit.
 * @param now epoch milliseconds
 */
export function unitsPerDay(
  experiments: readonly { readonly experiment: Ran; readonly counted: CountedUnits }[],
  now: number,
): number | null {
  const rates = experiments.flatMap(({ experiment, counted: { units, asOf } }) => {
    const intervals = runIntervals(experiment).filter(({ from }) => from < asOf)
    const last = intervals.at(-1)
    if (units === 0 || last === undefined || (last.to ?? now) < now - RECENT_MS) return []
    const spans = intervals.flatMap(({ version, from, to }) =>
      spansOf(experiment, version, from, Math.min(to ?? asOf, asOf)),
    )
    const elapsed = spans.reduce((sum, { ms }) => sum + ms, 0)
    const whole = spans.reduce((sum, { ms, share }) => sum + ms * share, 0)
    return whole > 0 ? [(units / whole) * DAY_MS * Math.min(1, elapsed / DAY_MS)] : []
  })
  return rates.length === 0 ? null : Math.max(...rates)
}

/** Days until an experiment that every unit may enter has its sample; null without traffic. */
export function daysOf(totalUnits: number, unitsPerDay: number | null): number | null {
  return unitsPerDay === null ? null : totalUnits / unitsPerDay
}

/** The steps of a version's ramp within a time: how long each lasted, and which share of all units it included. */
function spansOf({ versions }: Ran, version: number, from: number, to: number) {
  const ramp = versions.find((candidate) => candidate.version === version)?.ramp ?? []
  // Before ramps were recorded.
  if (ramp.length === 0) return to > from ? [{ ms: to - from, share: 1 }] : []
  return ramp.flatMap(({ at, coverage, layerRange }, index) => {
    const start = index === 0 ? from : Math.max(from, at)
    const ms = Math.min(to, ramp[index + 1]?.at ?? to) - start
    const share = coverage * (layerRange === undefined ? 1 : layerRange.to - layerRange.from)
    return ms > 0 ? [{ ms, share }] : []
  })
}
