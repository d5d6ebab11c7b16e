import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import {
  type AnalysisRecord,
  bySegment,
  type RecordedAnalysis,
  toRecord,
} from '../services/analyses/recorded-analysis.ts'
import { inputsErased } from '../services/analyses/replay.ts'
import { analysisConnection } from './connections.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const analysisResolvers = {
  Mutation: {
    async runAnalysis(_, { input: { key, cutoff } }, { analyses, identity }) {
      const outcome = await analyses.run({
        experimentKey: key,
        cutoff: cutoff ?? null,
        requestedBy: requireIdentity(identity).subject,
      })
      return outcome.type === 'analysed'
        ? { analysis: toRecord(outcome.analysis), errors: [] }
        : { analysis: null, errors: toUserErrors(outcome.refusal) }
    },
  },

  Experiment: {
    async health({ key }, _, { loaders }) {
      const newest = await loaders.analyses.load({ experimentKey: key, cutoff: null, segment: null })
      return newest?.recorded.health ?? null
    },
    async results({ key }, { cutoff, segment }, { loaders }) {
      const lookup = { experimentKey: key, cutoff: cutoff ?? null, segment: null }
      const found = await loaders.analyses.load(lookup)
      return found === null || segment == null ? found : bySegment(found, segment)
    },
    analyses: ({ key }, args, { loaders }) => analysisConnection(key, args, loaders),
  },

  Decision: {
    analysis: ({ decision: { analysis } }, _, { loaders }) =>
      analysis === undefined ? null : loaders.analyses.load({ id: analysis.id }),
  },

  Analysis: {
    id: ({ stored }) => stored.id,
    hash: ({ stored }) => stored.id,
    experimentVersion: ({ stored }) => stored.experimentVersion,
    plan: ({ recorded }) => recorded.plan,
    metricVersions: ({ recorded }) => [...definitionsOf(recorded).values()],
    codeVersion: ({ recorded }) => recorded.codeVersion,
    cutoff: ({ stored }) => stored.cutoff,
    asOf: ({ stored }) => String(stored.asOf),
    final: ({ stored }) => stored.final,
    complete: ({ recorded }) => recorded.complete,
    segment: ({ segment }) => segment?.attribute ?? null,
    segmentValues: ({ segment }) => segment?.values ?? [],
    segmentOmittedUnits: ({ segment }) => segment?.omitted.units ?? 0,
    bySegment: (record) =>
      record.segment === null
        ? (record.recorded.segments ?? []).map((segment) => ({ ...record, segment }))
        : [],
    looks: ({ recorded }) => recorded.looks ?? [],
    sql: ({ stored }) => stored.sql,
    engine: ({ stored }) => stored.engine,
    inputsErased: async ({ stored }, _, { loaders }) =>
      inputsErased(stored, await loaders.erasedEvents.load(stored.asOf)),
    units: ({ recorded }) => recorded.units,
    metrics: (record) => withMetrics(record.recorded, ofParts(record, 'results')),
    missing: (record) => withMetrics(record.recorded, ofParts(record, 'missing')),
    health: ({ recorded }) => recorded.health,
    verdict: ({ recorded }) => recorded.verdict,
    createdAt: ({ stored }) => stored.createdAt,
    requestedBy: ({ stored }) => stored.requestedBy,
  },

  MetricResult: {
    adjustedPValue: ({ adjustedPValue }) => adjustedPValue ?? null,
    looks: ({ looks }) => looks ?? [],
  },
} satisfies Partial<Resolvers>

/** What was computed of all units, or of each value of the attribute that is asked for. */
function ofParts<Name extends 'results' | 'missing'>(
  { recorded, segment }: AnalysisRecord,
  name: Name,
): readonly (RecordedAnalysis[Name][number] & { readonly segmentValue: string | null })[] {
  const parts = segment === null ? [{ ...recorded, value: null }] : segment.values
  return parts.flatMap(({ value, ...part }) => part[name].map((test) => ({ ...test, segmentValue: value })))
}

/** The metrics that were analysed, by key: a metric has one version in an analysis, however many roles it has. */
function definitionsOf({ metrics }: RecordedAnalysis): ReadonlyMap<string, MetricDefinition> {
  return new Map(metrics.map(({ definition }) => [definition.key, definition]))
}

function withMetrics<T extends { readonly metricKey: string }>(
  recorded: RecordedAnalysis,
  tests: readonly T[],
): (T & { readonly metric: MetricDefinition })[] {
  const definitions = definitionsOf(recorded)
  return tests.map((test) => {
    const metric = definitions.get(test.metricKey)
    if (metric === undefined) throw new Error(`the analysis does not define its metric ${test.metricKey}`)
    return { ...test, metric }
  })
}
