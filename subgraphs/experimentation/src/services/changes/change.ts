import type { JsonObject } from '@bulkhead/contracts'
import type { Experiment } from '../../domain/experiment.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import type { ExperimentRefusal } from '../../domain/refusals.ts'
import type { Targeting, TargetingDefinition } from '../../domain/targeting/definitions.ts'

/** What a change is decided on: everything that it said it needs, changes before it in the batch included. */
export type ChangeState = {
  experiment(key: string): Experiment | undefined
  /** The newest version. */
  metric(key: string): MetricDefinition | undefined
  /** Every layer, holdout and saved group. */
  readonly targeting: Targeting
  /** The experiments that the snapshot lists. */
  listed(): Iterable<Experiment>
  /** The instant of the change, epoch milliseconds; never earlier than the change before. */
  readonly at: number
}

export type ChangeOutcome =
  | { readonly type: 'changed'; readonly experiment: Experiment }
  | { readonly type: 'defined'; readonly metric: MetricDefinition }
  | { readonly type: 'saved'; readonly definition: TargetingDefinition }
  /** Nothing is stored but the entry of the log. */
  | { readonly type: 'noted'; readonly subject: string; readonly facts: JsonObject }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

/** A change that somebody asks for. */
export type Change = {
  /** The mutation, as the audit log names it. */
  readonly action: string
  readonly by: string
  readonly reason: string
  /** Goes before all others: the kill switch. */
  readonly urgent: boolean
  /** Keys of what `decide` looks at. */
  readonly needs: { readonly experiments: readonly string[]; readonly metrics: readonly string[] }
  /** Called again where another replica was faster, so it has no effects. */
  decide(state: ChangeState): ChangeOutcome
}
