import type { Assignment, AssignmentSnapshot } from '@bulkhead/contracts'
import type { Connection, CountedConnection } from '@bulkhead/service/graphql/pagination'
import type { AuditEntry } from '../domain/audit/entry.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Decision } from '../domain/governance/decision.ts'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import type { AnalysisRecord, RecordedAnalysis } from '../services/analyses/recorded-analysis.ts'

/** An assignment together with the snapshot that it was evaluated on. */
export type AssignmentParent = { readonly assignment: Assignment; readonly snapshot: AssignmentSnapshot }

/** The compound key of personalization's slate, as the gateway sends it. */
export type SlateParent = { readonly id: string; readonly exposureContext: string }

export type UserParent = { readonly id: string }

export type ModelVersionParent = { readonly id: string }

export type ExperimentConnectionParent = CountedConnection<{
  readonly cursor: string
  readonly node: Experiment
}>

/** A decision together with the experiment that it is about. */
export type DecisionParent = { readonly decision: Decision; readonly experiment: Experiment }

export type DecisionConnectionParent = CountedConnection<{
  readonly cursor: string
  readonly node: DecisionParent
}>

export type AuditConnectionParent = Connection<{ readonly cursor: string; readonly node: AuditEntry }>

export type MetricConnectionParent = Connection<{
  readonly cursor: string
  readonly node: MetricDefinition
}>

export type AnalysisConnectionParent = Connection<{ readonly cursor: string; readonly node: AnalysisRecord }>

/** A result together with its metric as it was analysed. */
export type MetricResultParent = RecordedAnalysis['results'][number] & {
  readonly metric: MetricDefinition
  readonly segmentValue: string | null
}

export type MissingResultParent = RecordedAnalysis['missing'][number] & {
  readonly metric: MetricDefinition
  readonly segmentValue: string | null
}
