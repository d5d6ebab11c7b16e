import type { Assignment, AssignmentSnapshot } from '@bulkhead/contracts'
import type { CountedConnection } from '@bulkhead/service/graphql/pagination'
import type { Experiment } from '../domain/experiment.ts'

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
