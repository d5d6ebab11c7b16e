import { type JsonObject, keySchema } from '@bulkhead/contracts'
import { readCondition } from '../condition.ts'
import { checkKey, checkName, type InputProblem, type InvalidInput } from '../input-problems.ts'

export const METRIC_KINDS = ['PROPORTION', 'MEAN', 'COUNT', 'RATIO', 'QUANTILE'] as const
export type MetricKind = (typeof METRIC_KINDS)[number]

export const METRIC_ROLES = ['SUCCESS', 'GUARDRAIL', 'DETERIORATION', 'QUALITY'] as const
export type MetricRole = (typeof METRIC_ROLES)[number]

/** A year: events are never kept longer for a metric. */
const MAX_WINDOW_HOURS = 8_784
const MAX_CAP = 1e12
export const MAX_EXPERIMENT_METRICS = 50
/** Upper bound on the versions of one key: they are stored together. */
const MAX_METRIC_VERSIONS = 200

/** One version of a metric. Versions never change: another definition under the same key is the next version. */
export type MetricDefinition = {
  readonly key: string
  readonly version: number
  readonly name: string
  readonly kind: MetricKind
  /** The interaction type that is counted, or the numerator of a ratio. */
  readonly event: string
  /** Ratios only. */
  readonly denominatorEvent: string | null
  /** Quantiles only, 0 to 1. */
  readonly quantile: number | null
  /** How long after its first exposure a unit's events count. */
  readonly windowHours: number
  /** Condition on the event's attributes, in the operators of targeting; null for every event. */
  readonly filter: JsonObject | null
  /** Cap on a unit's value. */
  readonly cap: number | null
  /** Cap at this percentile of the units' values, 0 to 1. */
  readonly capPercentile: number | null
  readonly lowerIsBetter: boolean
  readonly createdBy: string
  readonly createdAt: number
}

/** A definition as it was sent: nothing is checked yet. */
export type MetricDraft = Omit<
  MetricDefinition,
  'version' | 'createdBy' | 'createdAt' | 'denominatorEvent' | 'quantile' | 'filter' | 'cap' | 'capPercentile'
> & {
  readonly denominatorEvent?: string | null | undefined
  readonly quantile?: number | null | undefined
  readonly filter?: unknown
  readonly cap?: number | null | undefined
  readonly capPercentile?: number | null | undefined
}

/** A metric of an experiment, at the version that was the newest when it was named. */
export type ExperimentMetric = {
  readonly metricKey: string
  readonly metricVersion: number
  readonly role: MetricRole
  /** Relative change that must be shown (success) or excluded (guardrail). */
  readonly margin: number | null
}

export type ExperimentMetricDraft = {
  readonly metricKey: string
  readonly role: MetricRole
  readonly margin?: number | null | undefined
}

type MetricReading = { readonly type: 'valid'; readonly metric: MetricDefinition } | InvalidInput

/** @param creation.version the one after the newest of this key; 1 where there is none */
export function validateMetric(
  draft: MetricDraft,
  creation: { readonly version: number; readonly at: number; readonly by: string },
): MetricReading {
  const { key, name, kind, event, windowHours, lowerIsBetter } = draft
  const denominatorEvent = draft.denominatorEvent ?? null
  const quantile = draft.quantile ?? null
  const cap = draft.cap ?? null
  const capPercentile = draft.capPercentile ?? null

  const filter = readCondition(draft.filter, 'filter')
  const problems: InputProblem[] = [
    ...checkKey(key, ['key']),
    ...checkName(name, ['name']),
    ...checkKey(event, ['event']),
    ...filter.problems,
  ]
  function check(holds: boolean, field: string, message: string): void {
    if (!holds) problems.push({ path: [field], message })
  }
  if (kind === 'RATIO') {
    check(
      keySchema.safeParse(denominatorEvent).success,
      'denominatorEvent',
      'must name an event: a ratio needs one',
    )
  } else check(denominatorEvent === null, 'denominatorEvent', 'is for RATIO only')
  if (kind === 'QUANTILE') {
    check(isRank(quantile), 'quantile', 'must be 0.0001 to 0.9999: a quantile needs it')
  } else check(quantile === null, 'quantile', 'is for QUANTILE only')
  check(
    Number.isInteger(windowHours) && windowHours >= 1 && windowHours <= MAX_WINDOW_HOURS,
    'windowHours',
    `must be 1 to ${MAX_WINDOW_HOURS}`,
  )
  const isCapped = cap !== null || capPercentile !== null
  check(
    !isCapped || (kind !== 'PROPORTION' && kind !== 'QUANTILE'),
    cap === null ? 'capPercentile' : 'cap',
    `cannot be set for ${kind}`,
  )
  check(cap === null || (cap > 0 && cap <= MAX_CAP), 'cap', `must be above 0 and at most ${MAX_CAP}`)
  check(capPercentile === null || isOpenShare(capPercentile), 'capPercentile', 'must be above 0 and below 1')
  check(cap === null || capPercentile === null, 'capPercentile', 'cannot be set beside `cap`')
  if (creation.version > MAX_METRIC_VERSIONS) {
    check(false, 'key', `has ${MAX_METRIC_VERSIONS} versions already: choose another key`)
  }
  if (problems.length > 0) return { type: 'invalid-input', problems }
  return {
    type: 'valid',
    metric: {
      key,
      version: creation.version,
      name,
      kind,
      event,
      denominatorEvent,
      quantile,
      windowHours,
      filter: filter.condition,
      cap,
      capPercentile,
      lowerIsBetter,
      createdBy: creation.by,
      createdAt: creation.at,
    },
  }
}

function isOpenShare(value: number): boolean {
  return value > 0 && value < 1
}

/** Quantiles are named in ten-thousandths. */
function isRank(value: number | null): boolean {
  return value !== null && value >= 0.0001 && value <= 0.9999
}

/** The newest version of each metric, by key. */
export type KnownMetrics = ReadonlyMap<string, MetricDefinition>

export function readExperimentMetrics(
  drafts: readonly ExperimentMetricDraft[],
  known: KnownMetrics,
): { readonly metrics: readonly ExperimentMetric[]; readonly problems: readonly InputProblem[] } {
  if (drafts.length > MAX_EXPERIMENT_METRICS) {
    const message = `must not name more than ${MAX_EXPERIMENT_METRICS} metrics`
    return { metrics: [], problems: [{ path: ['metrics'], message }] }
  }
  const problems: InputProblem[] = []
  const metrics = drafts.flatMap((draft, index): ExperimentMetric[] => {
    const { metricKey, role } = draft
    const margin = draft.margin ?? null
    const path = (field: string) => ['metrics', String(index), field]
    const earlier = drafts.findIndex((other) => other.metricKey === metricKey && other.role === role)
    if (earlier !== index) problems.push({ path: path('metricKey'), message: `is listed twice as ${role}` })
    if (margin !== null && !(margin > 0 && margin <= 1)) {
      problems.push({ path: path('margin'), message: 'must be above 0 and at most 1' })
    }
    if (margin !== null && role !== 'SUCCESS' && role !== 'GUARDRAIL') {
      problems.push({ path: path('margin'), message: 'is for SUCCESS and GUARDRAIL only' })
    }
    const metric = known.get(metricKey)
    if (metric === undefined) {
      problems.push({ path: path('metricKey'), message: 'names no metric: create it with createMetric' })
      return []
    }
    return [{ metricKey, metricVersion: metric.version, role, margin }]
  })
  return { metrics, problems }
}
