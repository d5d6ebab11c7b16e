import type { DecisionOutcome, ModelStage } from '@bulkhead/contracts'
import type { Collection, Db } from '@bulkhead/datastore/mongodb/open'
import type { ExperimentStatus } from '../../domain/experiment.ts'
import type { TargetingKind } from '../../domain/targeting/definitions.ts'
import type { AnalysisRequest, Lease, Notification, ToldLook } from '../analyst-port.ts'
import type { Archive } from '../archive-port.ts'
import type { EventBlock } from '../event-blocks.ts'
import type { CountedThrough, RejectedEvent } from '../port.ts'

export type ExperimentDocument = {
  readonly _id: string
  readonly nameFolded: string
  readonly owner: string
  readonly status: ExperimentStatus
  readonly revision: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly modelVersionIds: readonly string[]
  /** Null or absent outside any layer. */
  readonly layer?: string | null
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

/** A layer, holdout or saved group: JSON text, under its kind and key. */
type TargetingDocument = {
  readonly _id: string
  readonly kind: TargetingKind
  readonly version: number
  readonly body: string
}

/**
 * Makes an event idempotent, and answers for its exposure; see `event-claims.ts`. Short names, because there is one for each
 * event.
 */
export type EventIdDocument = {
  /** The event id. */
  readonly _id: string
  /** The block that the event is in, or will be. */
  readonly b: string
  /** occurredAt and recordedAt, epoch milliseconds. */
  readonly o: number
  readonly r: number
}

/** Takes the place of a block that was announced and never written, so that it cannot be written any more. */
export type VoidBlockDocument = {
  readonly _id: string
  readonly void: true
  /** By the clock of the ingest that did it, epoch milliseconds; documents of older releases have none. */
  readonly voidedAt?: number
}

export type EventBlockDocument = EventBlock & {
  readonly _id: string
  readonly void?: never
  /** Set until the block's segment is stamped; `first` is set from then on. */
  readonly unpositioned?: true
  /** The position of its first event. */
  readonly first?: number
  /** How many of its events are erased; absent for none. Every change of a block's rows raises it. */
  readonly erased?: number
}

/** An entry of the append-only log that says which blocks have which positions; see `positions.ts`. */
export type SegmentDocument = {
  /** 1, 2, 3, …; it is unique, and that makes appending a compare-and-swap. */
  readonly _id: number
  readonly from: number
  readonly to: number
  /** In the order of their positions; removed once the segment is stamped. */
  readonly blocks?: readonly { readonly _id: string; readonly count: number }[]
  /** Whether every block of this segment has its position. */
  readonly stamped: boolean
}

export type RejectionDocument = RejectedEvent & {
  /** The event id, so that a repetition is a duplicate. If the event has none, the driver makes an id. */
  readonly _id?: string
}

/** A unit that is erased, or has to be. */
export type ErasureDocument = {
  /** Its hash. */
  readonly _id: string
  /** Only until it is erased everywhere. */
  readonly unit?: string
  readonly occurredAt: number
  readonly recordedAt: number
  /** JSON text. */
  readonly progress: string
}

/** The newest change of a model version's stage that personalization has told of. */
export type ModelVersionDocument = {
  readonly _id: string
  readonly stage: ModelStage
  readonly change: number
  readonly artefactHash: string
  /** When the version was last rolled back, epoch milliseconds; absent where it never was. */
  readonly rolledBackAt?: number
}

/** By model version. */
export type BootstrapDocument = {
  readonly _id: string
  readonly revision: number
  /** JSON text. */
  readonly body: string
}

export type CountDocument = {
  /** The experiment, the way of grouping (`groupingOf`), and the values of its groups. */
  readonly _id: {
    readonly e: string
    readonly m: number
    readonly v: string | null
    readonly d: number | null
    readonly s: string | null
    readonly g: string | null
  }
  readonly units: number
  readonly exposures: number
}

export type UnitDocument = {
  readonly _id: { readonly e: string; readonly u: string }
  /** Where the unit was counted, JSON text of `unit-cells.ts`. */
  readonly cells: string
}

export type AnalysisDocument = {
  readonly _id: string
  readonly experimentKey: string
  /** Empty for all units. */
  readonly segment: string
  readonly cutoff: number
  readonly createdAt: number
  /** The stored analysis, JSON text. */
  readonly body: string
}

/** As the port's, where `_id` is the name. */
export type ArchiveDocument = Omit<Archive, 'name'> & { readonly _id: string }

/** As the port's, where `_id` is `analyst`. */
export type LeaseDocument = Lease & { readonly _id: string }

export type AnalysisRequestDocument = Omit<AnalysisRequest, 'id'> & {
  readonly _id: string
  /** JSON text; null while there is none. */
  readonly outcome: string | null
}

export type ToldLookDocument = Pick<ToldLook, 'analysisId'> & {
  readonly _id: Omit<ToldLook, 'analysisId'>
}

export type NotificationDocument = Omit<Notification, 'id' | 'receiver' | 'body' | 'dueAt'> & {
  readonly _id: { readonly id: string; readonly receiver: string }
  /** JSON text. */
  readonly body: string
  /** Null where no attempt is made any more. */
  readonly dueAt: number | null
}

export type Collections = {
  readonly analysisRequests: Collection<AnalysisRequestDocument>
  readonly archives: Collection<ArchiveDocument>
  /** One document, with the id `analyst`. */
  readonly analystLease: Collection<LeaseDocument>
  /** One document, with the id `log`. */
  readonly logIdentity: Collection<{ readonly _id: string; readonly id: string }>
  readonly notifications: Collection<NotificationDocument>
  readonly toldLooks: Collection<ToldLookDocument>
  readonly analyses: Collection<AnalysisDocument>
  readonly experiments: Collection<ExperimentDocument>
  readonly snapshots: Collection<SnapshotDocument>
  readonly eventIds: Collection<EventIdDocument>
  readonly eventBlocks: Collection<EventBlockDocument>
  /** The same collection. */
  readonly voidBlocks: Collection<VoidBlockDocument>
  readonly segments: Collection<SegmentDocument>
  readonly rejections: Collection<RejectionDocument>
  readonly erasures: Collection<ErasureDocument>
  /** One document. How often `erasures` was changed, or began to be carried out. */
  readonly erasureMark: Collection<{ readonly _id: 'units'; readonly raised: number }>
  readonly modelVersions: Collection<ModelVersionDocument>
  readonly bootstraps: Collection<BootstrapDocument>
  readonly exposureCounts: Collection<CountDocument>
  readonly exposureUnits: Collection<UnitDocument>
  /** One document, with the id `exposures`. */
  readonly countedThrough: Collection<CountedThrough & { readonly _id: string }>
  readonly audit: Collection<AuditDocument>
  readonly metrics: Collection<MetricDocument>
  readonly targeting: Collection<TargetingDocument>
}

/**
 * Writes are acknowledged when a majority has them on disk, and reads return only what cannot be rolled back. The proof
 * in `positions.ts` needs both, so they are set here and not left to the options of a URL.
 */
export const DURABLE = {
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
} as const

export function openCollections(db: Db): Collections {
  return {
    analyses: db.collection('analyses', DURABLE),
    analysisRequests: db.collection('analysisRequests', DURABLE),
    archives: db.collection('archives', DURABLE),
    analystLease: db.collection('analystLease', DURABLE),
    logIdentity: db.collection('logIdentity', DURABLE),
    notifications: db.collection('notifications', DURABLE),
    toldLooks: db.collection('toldLooks', DURABLE),
    experiments: db.collection('experiments', DURABLE),
    snapshots: db.collection('snapshots', DURABLE),
    eventIds: db.collection('eventIds', DURABLE),
    eventBlocks: db.collection('eventBlocks', DURABLE),
    voidBlocks: db.collection('eventBlocks', DURABLE),
    segments: db.collection('segments', DURABLE),
    rejections: db.collection('rejections', DURABLE),
    erasures: db.collection('erasures', DURABLE),
    erasureMark: db.collection('erasureMark', DURABLE),
    modelVersions: db.collection('model_versions', DURABLE),
    bootstraps: db.collection('bootstraps', DURABLE),
    exposureCounts: db.collection('exposureCounts', DURABLE),
    exposureUnits: db.collection('exposureUnits', DURABLE),
    countedThrough: db.collection('countedThrough', DURABLE),
    audit: db.collection('audit', DURABLE),
    metrics: db.collection('metrics', DURABLE),
    targeting: db.collection('targeting', DURABLE),
  }
}
