import type { JsonObject } from '@bulkhead/contracts'
import type { Experiment } from '../../domain/experiment.ts'
import type { Bootstrap } from '../../domain/governance/bootstrap.ts'
import type { ModelDecisions } from '../../domain/governance/model-decisions.ts'
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
  /** Up to date where this change asks for them; else as a change before it last read them. */
  readonly decisions: ModelDecisions
  /** Of the newest snapshot that is stored. */
  readonly snapshotVersion: number
  /** The instant of the change, epoch milliseconds; never earlier than the change before. */
  readonly at: number
}

export type ChangeOutcome =
  | { readonly type: 'changed'; readonly experiment: Experiment }
  | { readonly type: 'defined'; readonly metric: MetricDefinition }
  | { readonly type: 'saved'; readonly definition: TargetingDefinition }
  | { readonly type: 'bootstrapped'; readonly bootstrap: Bootstrap }
  /** A snapshot is published that lists other decisions. */
  | {
      readonly type: 'republished'
      readonly subject: string
      readonly before: JsonObject
      readonly after: JsonObject
    }
  /** Nothing is stored. */
  | { readonly type: 'unchanged' }
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
  readonly needs: {
    readonly experiments: readonly string[]
    readonly metrics: readonly string[]
    /** The newest `decisions`, with these model versions beside those that are live. */
    readonly decisions?: { readonly modelVersions: readonly string[] }
  }
  /** Called again where another replica was faster, so it has no effects. */
  decide(state: ChangeState): ChangeOutcome
}
