import { evaluateCondition, exactValue, type JsonObject } from '@bulkhead/contracts'
import type { PositionedEvent } from '../../datastore/port.ts'
import { exposureTime } from '../../domain/counting.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import type { StoredEvent } from '../../domain/stored-event.ts'
import { SumOverflowError } from '../errors.ts'
import {
  type ArrivedCounts,
  type CompletedCounts,
  type MetricSums,
  type QuantileHistogram,
  SEGMENT_LIMIT,
  type Sums,
  type SumsQuery,
  type VariantCounts,
} from '../port.ts'

/**
 * The rules of the sums once more, one unit after the other and with JavaScript's integers. It shares no step with the
 * SQL, so that the two check each other.
 */

const ONE = 1_000_000n
const DAY = 86_400_000
const HOUR = 3_600_000
const LIMIT = 10n ** 38n
/** The segment of units whose own one is not told apart. */
const OMITTED = '\u0000omitted'

type Kind<K extends StoredEvent['kind']> = Extract<StoredEvent, { kind: K }>
type Timed<K extends StoredEvent['kind']> = { event: Kind<K>; position: number; time: number }
type Unit = { variantKey: string; segment: string | null; first: number; events: Timed<'interaction'>[] }
type Values = {
  unit: Unit
  value: bigint
  denominator: bigint
  covariate: bigint
  covariateDenominator: bigint
}

export function referenceSums(events: readonly PositionedEvent[], query: SumsQuery): Omit<Sums, 'sql'> {
  const read = events.filter(({ position }) => position <= query.asOf)
  const { forced, exposed, served } = classified(read, query)
  const omitted = omittedSegments()
  const told = exposed.analysed.filter(({ event }) => !omitted.has(segment(event.attributes)))
  const units = exposed.analysed.map(({ event, time }): Unit => {
    const own = timed(read, 'interaction').filter(
      (done) => done.event.unit === event.unit && done.time < query.cutoff,
    )
    const name = segment(event.attributes)
    return {
      variantKey: event.variantKey,
      segment: omitted.has(name) ? OMITTED : name,
      first: time,
      events: own,
    }
  })

  function segment(attributes: JsonObject | null): string | null {
    const value = query.segment === null ? undefined : attributes?.[query.segment]
    if (typeof value === 'string') return value
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
  }

  function omittedSegments(): Set<string | null> {
    const sizes = grouped(exposed.analysed, ({ event }) => ({ segment: segment(event.attributes) }))
      .filter(([group]) => group.segment !== null)
      .sort(([, a], [, b]) => b.length - a.length)
    return new Set(sizes.slice(query.segmentLimit ?? SEGMENT_LIMIT).map(([group]) => group.segment))
  }

  const unitCounts = grouped(told, ({ event, time }) => ({
    variantKey: event.variantKey,
    segment: segment(event.attributes),
    day: dayOf(time),
  })).map(([group, members]) => ({
    ...group,
    units: BigInt(members.length),
    degraded: BigInt(members.filter(({ event }) => !event.applied).length),
  }))
  const servedCounts = grouped(served.analysed, ({ event, time }) => ({
    variantKey: event.variantKey,
    day: dayOf(time),
  })).map(([group, members]) => ({ ...group, units: BigInt(members.length) }))

  return {
    units: unitCounts,
    multiple: BigInt(exposed.several),
    forced: byVariant([...forced.values()]),
    excluded: byVariant(exposed.excluded),
    served: servedCounts,
    servedMultiple: BigInt(served.several),
    arrived: arrivedCounts(read, query),
    completed: completedCounts(events, query),
    omitted: { values: omitted.size, units: BigInt(exposed.analysed.length - told.length) },
    metrics: query.metrics
      .filter(({ kind }) => kind !== 'QUANTILE')
      .flatMap((metric) => metricSums(metric, units, query))
      .filter(isTold),
    quantiles: query.metrics
      .filter(({ kind }) => kind === 'QUANTILE')
      .flatMap((metric) => histograms(metric, units, query))
      .filter(isTold),
  }
}

function arrivedCounts(read: readonly PositionedEvent[], query: SumsQuery): ArrivedCounts[] {
  const arrived = read.flatMap(({ event }) => {
    if (event.kind !== 'exposure' || event.forced) return []
    const claimed = Date.parse(event.occurredAt)
    const isOwn = event.experimentKey === query.experimentKey && event.experimentVersion === query.version
    if (!isOwn || !query.variantKeys.includes(event.variantKey) || claimed >= query.cutoff) return []
    return [{ variantKey: event.variantKey, hour: Math.floor(claimed / HOUR) * HOUR }]
  })
  return grouped(arrived, (one) => one).map(([group, members]) => ({
    ...group,
    exposures: BigInt(members.length),
  }))
}

/** Asks the question once for each day, with this day as the cutoff. */
function completedCounts(events: readonly PositionedEvent[], query: SumsQuery): CompletedCounts[] {
  const { completeAfterMs = null } = query
  if (completeAfterMs === null) return []
  const times = events.map(({ event }) => Date.parse(event.occurredAt))
  const counts: CompletedCounts[] = []
  let before = 0
  for (let day = dayOf(Math.min(...times, query.cutoff)); day <= query.cutoff; day += DAY) {
    const then = { ...query, cutoff: day, segment: null, completeAfterMs: null }
    const latest = referenceUnits(events, then).filter((first) => first + completeAfterMs <= day).length
    if (latest !== before) counts.push({ day, units: BigInt(latest - before) })
    before = latest
  }
  return counts
}

/** The first exposure of each analysed unit. */
function referenceUnits(events: readonly PositionedEvent[], query: SumsQuery): number[] {
  const read = events.filter(({ position }) => position <= query.asOf)
  return classified(read, query).exposed.analysed.map(({ time }) => time)
}

/** The first forced event of each unit that has one, and what was exposed and served to the others while it ran. */
function classified(read: readonly PositionedEvent[], query: SumsQuery) {
  const exposures = timed(read, 'exposure').filter((seen) => isAsked(seen, query))
  const served = timed(read, 'served').filter((seen) => isAsked(seen, query))
  const forced = firstsOf([...exposures, ...served].filter(({ event }) => event.forced))
  const forcedUnits = new Set(forced.keys())
  const excludedUnits = new Set(query.excludedUnits)

  function isCountable({ event, time }: { event: { forced: boolean }; time: number }): boolean {
    return !event.forced && query.intervals.some(({ from, to }) => from <= time && (to === null || time < to))
  }

  return {
    forced,
    exposed: classify(exposures.filter(isCountable), forcedUnits, excludedUnits),
    served: classify(served.filter(isCountable), forcedUnits, excludedUnits),
  }
}

function timed<K extends StoredEvent['kind']>(events: readonly PositionedEvent[], kind: K): Timed<K>[] {
  return events.flatMap(({ event, recordedAt, position }) => {
    if (event.kind !== kind) return []
    const said = Date.parse(event.occurredAt)
    const time = kind === 'interaction' ? said : exposureTime(event, recordedAt)
    return [{ event: event as Kind<K>, position, time }]
  })
}

function isAsked({ event, time }: Timed<'exposure'> | Timed<'served'>, query: SumsQuery): boolean {
  return (
    event.experimentKey === query.experimentKey &&
    event.experimentVersion === query.version &&
    query.variantKeys.includes(event.variantKey) &&
    time < query.cutoff
  )
}

type Seen = { event: { unit: string; variantKey: string }; time: number; position: number }

function firstsOf<S extends Seen>(seen: readonly S[]): Map<string, S> {
  const firsts = new Map<string, S>()
  for (const one of seen.toSorted((a, b) => a.time - b.time || a.position - b.position)) {
    if (!firsts.has(one.event.unit)) firsts.set(one.event.unit, one)
  }
  return firsts
}

function classify<S extends Seen>(seen: readonly S[], forced: Set<string>, excludedUnits: Set<string>) {
  const found = { analysed: [] as S[], excluded: [] as S[], several: 0 }
  for (const [unit, first] of firstsOf(seen)) {
    const variants = new Set(
      seen.filter(({ event }) => event.unit === unit).map(({ event }) => event.variantKey),
    )
    if (forced.has(unit)) continue
    if (excludedUnits.has(unit)) found.excluded.push(first)
    else if (variants.size > 1) found.several += 1
    else found.analysed.push(first)
  }
  return found
}

function byVariant(firsts: readonly Seen[]): VariantCounts[] {
  return grouped(firsts, ({ event }) => ({ variantKey: event.variantKey })).map(([group, members]) => ({
    ...group,
    units: BigInt(members.length),
  }))
}

function dayOf(time: number): number {
  return Math.floor(time / DAY) * DAY
}

/** Members by an equal group, in the order of the group's fields. */
function grouped<T, G extends Readonly<Record<string, string | number | boolean | null>>>(
  members: readonly T[],
  groupOf: (member: T) => G,
): [G, T[]][] {
  const groups = new Map<string, [G, T[]]>()
  for (const member of members) {
    const group = groupOf(member)
    const key = JSON.stringify(group)
    const found = groups.get(key) ?? [group, []]
    found[1].push(member)
    groups.set(key, found)
  }
  return [...groups.values()].sort(([a], [b]) => compare(Object.values(a), Object.values(b)))
}

function compare(a: unknown[], b: unknown[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (left === right) continue
    if (left === null) return -1
    if (right === null) return 1
    if (typeof left === 'string' && typeof right === 'string') return codePointOrder(left, right)
    return Number(left) - Number(right)
  }
  return 0
}

/** The order of code points is that of UTF-8. */
function codePointOrder(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0))
  for (const [index, point] of (left ?? []).entries()) {
    const other = right?.[index]
    if (other === undefined) return 1
    if (point !== other) return point - other
  }
  return -1
}

function partOf(
  metric: MetricDefinition,
  name: string,
  filter: JsonObject | null,
  events: readonly Timed<'interaction'>[],
): bigint {
  const matching = events.filter(
    ({ event }) =>
      event.type === name && (filter === null || evaluateCondition(filter, event.attributes ?? {})),
  )
  if (metric.kind === 'PROPORTION') return matching.length > 0 ? ONE : 0n
  return matching.reduce((sum, { event: { value } }) => {
    if (metric.kind === 'COUNT') return sum + ONE
    if (metric.kind === 'RATIO') return sum + (value ?? ONE)
    return sum + (value ?? 0n)
  }, 0n)
}

function valuesOf(metric: MetricDefinition, units: readonly Unit[], query: SumsQuery): Values[] {
  const before = query.covariateWindowMs ?? 0
  const values = units.map((unit): Values => {
    const within = (from: number, to: number) => unit.events.filter(({ time }) => from <= time && time < to)
    const after = within(unit.first, unit.first + metric.windowHours * HOUR)
    const earlier = within(unit.first - before, unit.first)
    const numerator = (events: Timed<'interaction'>[]) => partOf(metric, metric.event, metric.filter, events)
    const denominator = (events: Timed<'interaction'>[]) =>
      metric.denominatorEvent === null ? 0n : partOf(metric, metric.denominatorEvent, null, events)
    return {
      unit,
      value: numerator(after),
      denominator: denominator(after),
      covariate: numerator(earlier),
      covariateDenominator: denominator(earlier),
    }
  })
  const isOver = ({ unit }: Values) => unit.first + completeAfter(metric, query) <= query.cutoff
  const ranked = values.some(isOver) ? values.filter(isOver) : values
  const caps = {
    value: capOf(
      metric,
      ranked.map(({ value }) => value),
    ),
    covariate: capOf(
      metric,
      ranked.map(({ covariate }) => covariate),
    ),
  }
  return values.map((one) => ({
    ...one,
    value: clip(one.value, caps.value),
    covariate: clip(one.covariate, caps.covariate),
  }))
}

function capOf({ cap, capPercentile }: MetricDefinition, values: readonly bigint[]): bigint | null {
  if (cap !== null) return exactValue(cap)
  if (capPercentile === null) return null
  const sorted = values.toSorted((a, b) => (a < b ? -1 : 1))
  const share = exactValue(capPercentile)
  return sorted.find((_, index) => BigInt(index + 1) * ONE >= share * BigInt(sorted.length)) ?? null
}

function clip(value: bigint, cap: bigint | null): bigint {
  return cap !== null && value > cap ? cap : value
}

function completeAfter(metric: MetricDefinition, query: SumsQuery): number {
  return query.completeAfterMs ?? metric.windowHours * HOUR
}

function isTold({ segment }: { readonly segment: string | null }): boolean {
  return segment !== OMITTED
}

function byMetricGroup(metric: MetricDefinition, units: readonly Unit[], query: SumsQuery) {
  return grouped(valuesOf(metric, units, query), ({ unit }) => ({
    metricKey: metric.key,
    metricVersion: metric.version,
    variantKey: unit.variantKey,
    segment: unit.segment,
    complete: unit.first + completeAfter(metric, query) <= query.cutoff,
  }))
}

function metricSums(metric: MetricDefinition, units: readonly Unit[], query: SumsQuery): MetricSums[] {
  const isRatio = metric.kind === 'RATIO'
  const isAdjusted = query.covariateWindowMs !== null
  return byMetricGroup(metric, units, query).map(([group, members]) => {
    const total = (amount: (values: Values) => bigint) =>
      checked(
        metric,
        members.reduce((sum, one) => sum + amount(one), 0n),
      )
    const product = (a: keyof Omit<Values, 'unit'>, b: keyof Omit<Values, 'unit'>) =>
      total((one) => one[a] * one[b])
    const moments = (name: keyof Omit<Values, 'unit'>) => ({
      sum: total((one) => one[name]),
      sumSquares: product(name, name),
      cross: product('value', name),
    })
    return {
      ...group,
      n: BigInt(members.length),
      sum: total(({ value }) => value),
      sumSquares: product('value', 'value'),
      denominator: isRatio ? moments('denominator') : null,
      covariate: isAdjusted
        ? { ...moments('covariate'), denominatorCross: isRatio ? product('denominator', 'covariate') : null }
        : null,
      covariateDenominator:
        isAdjusted && isRatio
          ? {
              ...moments('covariateDenominator'),
              denominatorCross: product('denominator', 'covariateDenominator'),
              covariateCross: product('covariate', 'covariateDenominator'),
            }
          : null,
    }
  })
}

function checked(metric: MetricDefinition, sum: bigint): bigint {
  if (sum <= -LIMIT || sum >= LIMIT) throw new SumOverflowError(metric)
  return sum
}

function histograms(metric: MetricDefinition, units: readonly Unit[], query: SumsQuery): QuantileHistogram[] {
  return byMetricGroup(metric, units, query).map(([group, members]) => {
    const values = [...new Set(members.map(({ value }) => value))].sort((a, b) => (a < b ? -1 : 1))
    return {
      ...group,
      values: values.map((value) => ({
        value,
        n: BigInt(members.filter((one) => one.value === value).length),
      })),
    }
  })
}
