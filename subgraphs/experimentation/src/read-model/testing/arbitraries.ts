import type { JsonObject } from '@bulkhead/contracts'
import fc from 'fast-check'
import type { PositionedEvent } from '../../datastore/port.ts'
import { METRIC_KINDS, type MetricDefinition } from '../../domain/plan/metric.ts'
import type { StoredEvent } from '../../domain/stored-event.ts'
import {
  HOUR,
  MONDAY,
  sampleExposure,
  sampleHeartbeat,
  sampleInteraction,
  sampleServed,
} from '../../testing/samples.ts'
import type { SumsQuery } from '../port.ts'

/** Few units and instants, so that events meet at the edges of windows, intervals and days. */
const instantArbitrary = fc
  .tuple(fc.integer({ min: 18, max: 27 }), fc.constantFrom(-1, 0, 0, 0, 1))
  .map(([hour, offset]) => MONDAY + hour * HOUR + offset)

/** Most units meet one variant only, as they do in truth. */
const UNITS = ['u1', 'u2', 'ü', "o'u", '\u{1f3b5}', '\uff5a']
const unitArbitrary = fc
  .tuple(fc.integer({ min: 0, max: UNITS.length - 1 }), fc.integer({ min: 0, max: 29 }))
  .map(([index, chance]) => {
    const own = index % 2 === 0 ? 'a' : 'b'
    const others = [own === 'a' ? 'b' : 'a', 'c', 'gone']
    return { unit: UNITS[index] ?? 'u1', variantKey: others[chance] ?? own }
  })
const rarely = fc.integer({ min: 0, max: 24 }).map((number) => number === 24)
const versionArbitrary = fc.integer({ min: 0, max: 9 }).map((number) => (number === 9 ? 2 : 1))
const keyArbitrary = fc.integer({ min: 0, max: 9 }).map((number) => (number === 9 ? 'other' : 'mix'))

const attributesArbitrary = fc.constantFrom<(JsonObject | null)[]>(
  null,
  {},
  { country: 'de' },
  { country: 'fr', age: 30 },
  { country: '\uff5a' },
  { country: '\u{1f3b5}' },
  { country: 7 },
  { country: '7' },
  { country: true },
  { country: null },
  { country: ['de'] },
)

/** Integers of 10^-6: some that are alike, and those of 10^12, the largest that an event may have. */
const valueArbitrary = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(null, 0n, 1n, -1n, 1_000_000n, 2_500_000n, -3_000_000n) },
  { weight: 10, arbitrary: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }) },
  { weight: 1, arbitrary: fc.constantFrom(10n ** 18n, -(10n ** 18n), 10n ** 18n - 1n) },
)

const TYPES = ['PLAY', 'PLAY', 'PLAY', 'purchase'] as const

const eventArbitrary: fc.Arbitrary<StoredEvent> = fc
  .record({
    kind: fc.constantFrom(
      'exposure',
      'exposure',
      'served',
      'heartbeat',
      'interaction',
      'interaction',
      'interaction',
      'interaction',
      'interaction',
    ),
    experimentKey: keyArbitrary,
    experimentVersion: versionArbitrary,
    who: unitArbitrary,
    at: instantArbitrary,
    forced: rarely,
    degraded: rarely,
    attributes: attributesArbitrary,
    type: fc.constantFrom(...TYPES),
    value: valueArbitrary,
  })
  .map(({ kind, at, degraded, attributes, type, value, who, ...what }): StoredEvent => {
    const rest = { ...who, ...what }
    const occurredAt = new Date(at).toISOString()
    if (kind === 'exposure') return sampleExposure({ ...rest, occurredAt, applied: !degraded, attributes })
    if (kind === 'served') return sampleServed({ ...rest, occurredAt })
    if (kind === 'heartbeat') return sampleHeartbeat({ occurredAt })
    const {
      value: _,
      attributes: __,
      ...interaction
    } = sampleInteraction({ unit: who.unit, type, occurredAt })
    return { ...interaction, value, ...(attributes === null ? {} : { attributes }) }
  })

/** Beyond what an event may have, so that a few events are enough for sums that do not fit. */
const HUGE = [9n * 10n ** 18n, -9n * 10n ** 18n, 10n ** 18n]

/** A log: every event has a later position than the one before, and some have arrived before they claim to have occurred. */
const logArbitrary: fc.Arbitrary<readonly PositionedEvent[]> = fc
  .record({
    items: fc.array(
      fc.record({
        event: eventArbitrary,
        delay: fc.constantFrom(-1, 0, 1, HOUR, -HOUR),
        step: fc.integer({ min: 1, max: 3 }),
        huge: fc.constantFrom(...HUGE),
      }),
      { minLength: 1, maxLength: 120, size: 'max' },
    ),
    isHuge: fc.integer({ min: 0, max: 5 }).map((number) => number === 5),
  })
  .map(({ items, isHuge }) => {
    let position = 0
    return items.map(({ event, delay, step, huge }) => {
      position += step
      const changed = isHuge && event.kind === 'interaction' ? { ...event, value: huge } : event
      return { event: changed, producer: 'p', recordedAt: Date.parse(event.occurredAt) + delay, position }
    })
  })

const filterArbitrary = fc.constantFrom<(JsonObject | null)[]>(
  null,
  null,
  null,
  null,
  { country: 'de' },
  { country: { $exists: false } },
  { country: { $in: ['fr', '7'] } },
  { country: 'nowhere' },
)

const metricArbitrary: fc.Arbitrary<MetricDefinition> = fc
  .record({
    kind: fc.constantFrom(...METRIC_KINDS),
    event: fc.constantFrom(...TYPES),
    denominatorEvent: fc.constantFrom(...TYPES),
    windowHours: fc.integer({ min: 1, max: 6 }),
    filter: filterArbitrary,
    cap: fc.constantFrom(null, null, 0.000001, 1, 2.5, 1e12),
    capPercentile: fc.constantFrom(null, null, 0.01, 0.5, 0.75, 0.9, 0.999999),
  })
  .map(({ kind, denominatorEvent, cap, capPercentile, ...rest }) => {
    const isCapped = kind !== 'PROPORTION' && kind !== 'QUANTILE'
    return {
      key: 'm',
      version: 1,
      name: 'M',
      kind,
      denominatorEvent: kind === 'RATIO' ? denominatorEvent : null,
      quantile: kind === 'QUANTILE' ? 0.5 : null,
      cap: isCapped ? cap : null,
      capPercentile: isCapped && cap === null ? capPercentile : null,
      lowerIsBetter: false,
      createdBy: 'ana',
      createdAt: 0,
      ...rest,
    }
  })

const intervalsArbitrary = fc
  .uniqueArray(instantArbitrary, { minLength: 1, maxLength: 5 })
  .map((instants) => {
    const edges = instants.toSorted((a, b) => a - b)
    return edges.flatMap((from, index) => (index % 2 === 0 ? [{ from, to: edges[index + 1] ?? null }] : []))
  })

/** A question about a log, up to any position of it. */
function queryArbitrary(log: readonly PositionedEvent[]): fc.Arbitrary<SumsQuery> {
  const last = log.at(-1)?.position ?? 0
  return fc.record({
    experimentKey: fc.constant('mix'),
    version: fc.constant(1),
    variantKeys: fc.constantFrom(['a', 'b'], ['b', 'a', 'c'], ['a']),
    intervals: fc.oneof(
      { weight: 2, arbitrary: fc.constant([{ from: MONDAY, to: null }]) },
      { weight: 1, arbitrary: intervalsArbitrary },
    ),
    excludedUnits: fc.constantFrom([], [], ['u2'], ['ü', "o'u", 'u9', 'ü']),
    cutoff: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(MONDAY + 40 * HOUR, MONDAY + 49 * HOUR) },
      { weight: 1, arbitrary: instantArbitrary },
    ),
    asOf: fc.oneof(
      { weight: 2, arbitrary: fc.constant(last) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: last }) },
    ),
    metrics: fc
      .array(metricArbitrary, { minLength: 2, maxLength: 4 })
      .map((metrics) => metrics.map((metric, index) => ({ ...metric, version: index + 1 }))),
    covariateWindowMs: fc.constantFrom(null, HOUR, 5 * HOUR, 24 * HOUR),
    segment: fc.constantFrom(null, 'country', 'age'),
    segmentLimit: fc.constantFrom(undefined, 0, 1, 2),
    completeAfterMs: fc.constantFrom(null, HOUR, 6 * HOUR),
  })
}

/** Without a bias towards what is small: an event is to be an ordinary one mostly. */
export const caseArbitrary = fc.noBias(
  logArbitrary.chain((log) =>
    fc.record({
      log: fc.constant(log),
      query: queryArbitrary(log),
      /** In pages of how many events the log is fed. */
      pageSize: fc.integer({ min: 1, max: 120 }),
    }),
  ),
)
