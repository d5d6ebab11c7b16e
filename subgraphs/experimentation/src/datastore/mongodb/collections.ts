import type { DecisionOutcome, ModelStage, Rung } from '@bulkhead/contracts'
import type { Collection, Db } from '@bulkhead/datastore/mongodb/open'
import type { ExperimentStatus } from '../../domain/experiment.ts'
import type { RejectedEvent } from '../port.ts'
import type { EventFields } from '../stored-json.ts'

export type ExperimentDocument = {
  readonly _id: string
  readonly nameFolded: string
  readonly owner: string
  readonly status: ExperimentStatus
  readonly revision: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly modelVersionIds: readonly string[]
  /** Of the decision; null or absent without one. */
  readonly decidedAt?: number | null
  readonly decisionOutcome?: DecisionOutcome | null
  readonly decidedBy?: string | null
  readonly decisionModel?: string | null
  /** The experiment, JSON text. */
  readonly body: string
}

export type SnapshotDocument = { readonly _id: number; readonly body: string | Buffer }

export type AuditDocument = {
  /** The sequence; it is unique, and that makes appending a compare-and-swap. */
  readonly _id: number
  readonly at: number
  readonly by: string
  readonly action: string
  readonly subject: string
  /** The entry, JSON text. */
  readonly body: string
}

/** A metric's key, its newest version, and all its versions as JSON text. */
type MetricDocument = { readonly _id: string; readonly version: number; readonly body: string }

/** `countedFor` is left out rather than null, so that the partial index holds counted exposures only. */
export type EventDocument = Omit<EventFields, 'countedFor' | 'rung'> & {
  readonly _id: string
  readonly producer: string
  readonly recordedAt: number
  readonly countedFor?: string
  readonly rung: Rung | null
  /** The event, JSON text. */
  readonly body: string
  /** Set until the event's segment is stamped; `position` is set from then on. */
  readonly unpositioned?: true
  readonly position?: number
}

/** An entry of the append-only log that says which events have which positions; see `positions.ts`. */
export type SegmentDocument = {
  /** 1, 2, 3, …; it is unique, and that makes appending a compare-and-swap. */
  readonly _id: number
  readonly from: number
  readonly to: number
  /** In the order of their positions; removed once the segment is stamped. */
  readonly eventIds?: readonly string[]
  /** Whether every event of this segment has its position. */
  readonly stamped: boolean
}

export type RejectionDocument = RejectedEvent & {
  /** The event id, so that a repetition is a duplicate. If the event has none, the driver makes an id. */
  readonly _id?: string
}

/** The newest change of a model version's stage that personalization has told of. */
export type ModelVersionDocument = {
  readonly _id: string
  readonly stage: ModelStage
  readonly change: number
  readonly artefactHash: string
}

export type Collections = {
  readonly experiments: Collection<ExperimentDocument>
  readonly snapshots: Collection<SnapshotDocument>
  readonly events: Collection<EventDocument>
  readonly segments: Collection<SegmentDocument>
  readonly rejections: Collection<RejectionDocument>
  readonly modelVersions: Collection<ModelVersionDocument>
  readonly audit: Collection<AuditDocument>
  readonly metrics: Collection<MetricDocument>
}

/**
 * Writes are acknowledged when a majority has them on disk, and reads return only what cannot be rolled back. The proof
 * in `positions.ts` needs both, so they are set here and not left to the options of a URL.
 */
const DURABLE = {
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
} as const

export function openCollections(db: Db): Collections {
  return {
    experiments: db.collection('experiments', DURABLE),
    snapshots: db.collection('snapshots', DURABLE),
    events: db.collection('events', DURABLE),
    segments: db.collection('segments', DURABLE),
    rejections: db.collection('rejections', DURABLE),
    modelVersions: db.collection('model_versions', DURABLE),
    audit: db.collection('audit', DURABLE),
    metrics: db.collection('metrics', DURABLE),
  }
}
