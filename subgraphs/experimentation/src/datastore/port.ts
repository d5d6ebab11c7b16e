import type { AssignmentSnapshot, DecisionOutcome, Rung } from '@bulkhead/contracts'
import type { AuditEntry, AuditHead } from '../domain/audit/entry.ts'
import type { StoredRecord } from '../domain/audit/stored-record.ts'
import type { ErasureProgress, ErasureScan, UnitErasure } from '../domain/erasure.ts'
import type { Experiment, ExperimentStatus } from '../domain/experiment.ts'
import type { Bootstrap } from '../domain/governance/bootstrap.ts'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import type { StoredEvent } from '../domain/stored-event.ts'
import type { TargetingDefinition, TargetingKind } from '../domain/targeting/definitions.ts'
import type { AnalysisStore } from './analyses-port.ts'
import type { AnalystStore } from './analyst-port.ts'
import type { ArchiveStore } from './archive-port.ts'
import type { ModelDecisionStore } from './model-decisions-port.ts'

export type { AnalysisLookup, AnalysisPage, AnalysisPosition } from './analyses-port.ts'
export type {
  AnalysisRequest,
  AnalystProgress,
  AnalystStore,
  KnownErasure,
  Lease,
  Notification,
} from './analyst-port.ts'
export type { Archive } from './archive-port.ts'
export type { ModelDecisionStore } from './model-decisions-port.ts'

export const EXPERIMENT_ORDER_FIELDS = ['CREATED_AT', 'STARTED_AT', 'KEY'] as const
export type ExperimentOrderField = (typeof EXPERIMENT_ORDER_FIELDS)[number]

export type ExperimentFilter = {
  readonly keys?: readonly string[]
  readonly statuses?: readonly ExperimentStatus[]
  readonly owner?: string
  readonly layer?: string
  readonly modelVersionId?: string
  /** Case-insensitive, taken literally. */
  readonly nameContains?: string
  /** Epoch milliseconds, exclusive. */
  readonly createdAfter?: number
  readonly createdBefore?: number
}

/** Where a page ended: the value of the ordering field (null sorts before all others), and the key to break ties. */
export type ExperimentPosition = { readonly value: number | string | null; readonly key: string }

export type ExperimentQuery = {
  readonly filter: ExperimentFilter
  readonly orderBy: { readonly field: ExperimentOrderField; readonly direction: 'ASC' | 'DESC' }
  readonly limit: number
  readonly after: ExperimentPosition | null
}

type ExperimentPage = {
  readonly experiments: readonly Experiment[]
  /** Whether there are more after the last one. */
  readonly hasMore: boolean
}

/** An event as ingest stores it. */
export type IncomingEvent = {
  readonly event: StoredEvent
  /** `event.occurredAt`, epoch milliseconds. */
  readonly occurredAt: number
  readonly producer: string
  /** When ingest received it, epoch milliseconds. */
  readonly recordedAt: number
}

export type PositionedEvent = Omit<IncomingEvent, 'occurredAt'> & { readonly position: number }

/** An event that ingest refused. It is kept, so that its exposure is REJECTED and operators can look at it. */
export type RejectedEvent = {
  /** Null where the event had no readable id. */
  readonly eventId: string | null
  readonly producer: string
  readonly code: string
  readonly message: string
  /** The event as it was received, JSON text cut to a maximum size. */
  readonly body: string
  readonly rejectedAt: number
}

export type ExposureRecord =
  | { readonly type: 'recorded'; readonly occurredAt: number; readonly recordedAt: number }
  | { readonly type: 'rejected' }

export const EXPOSURE_GROUPS = ['VARIANT', 'DAY', 'SURFACE', 'RUNG'] as const
export type ExposureGroup = (typeof EXPOSURE_GROUPS)[number]

export type ExposureCount = {
  readonly variantKey: string | null
  /** Start of the UTC day of `occurredAt`, epoch milliseconds. */
  readonly day: number | null
  readonly surface: string | null
  readonly rung: Rung | null
  /** Distinct units. */
  readonly units: number
  readonly exposures: number
  /** Epoch milliseconds; what was ingested by then is counted. */
  readonly asOf: number
}

/** How far exposures are counted. */
export type CountedThrough = {
  /** The ingest position; 0 before the first count. */
  readonly position: number
  /** Epoch milliseconds; what was ingested by then is counted. 0 before the first count. */
  readonly asOf: number
}

/** An exposure that counts. */
export type CountedExposure = {
  readonly experimentKey: string
  readonly variantKey: string
  /** Start of the UTC day, epoch milliseconds. */
  readonly day: number
  readonly surface: string
  readonly rung: Rung
  readonly unit: string
}

export type DecisionFilter = {
  readonly outcomes?: readonly DecisionOutcome[]
  readonly modelVersionId?: string
  readonly decidedBy?: string
  /** Epoch milliseconds, exclusive. */
  readonly decidedAfter?: number
  readonly decidedBefore?: number
}

export type DecisionQuery = {
  readonly filter: DecisionFilter
  readonly limit: number
  readonly after: { readonly decidedAt: number; readonly key: string } | null
}

export type AuditFilter = {
  readonly subject?: string
  readonly by?: string
  readonly actions?: readonly string[]
  /** Epoch milliseconds, exclusive. */
  readonly after?: number
  readonly before?: number
}

export type AuditQuery = {
  readonly filter: AuditFilter
  readonly limit: number
  /** The sequence that the page follows; 0 for the first. */
  readonly after: number
}

type RecordPage<Key> = { readonly limit: number; readonly after: Key | null }

/** Every version of a metric, oldest first. */
export type MetricVersions = { readonly key: string; readonly versions: readonly MetricDefinition[] }

/** Where the log of changes and the snapshots end. */
export type ChangeHead = AuditHead & {
  /** 0 before the first. */
  readonly snapshotVersion: number
}

/** Changes that are stored together, or not at all. */
export type ChangeBatch = {
  /** As `changeHead` said before anything was read that the changes were decided on. */
  readonly expected: Pick<ChangeHead, 'sequence' | 'snapshotVersion'>
  /** One for each change; they follow the expected head. */
  readonly entries: readonly AuditEntry[]
  /** The last state of each changed experiment; `expectedRevision` is 0 for a new one. */
  readonly experiments: readonly { readonly experiment: Experiment; readonly expectedRevision: number }[]
  /** New versions of metrics, each following the newest of its key. */
  readonly metrics: readonly MetricDefinition[]
  /** The last version of each changed layer, holdout and saved group; `expectedVersion` is 0 for a new one. */
  readonly definitions: readonly {
    readonly definition: TargetingDefinition
    readonly expectedVersion: number
  }[]
  /** The last state of each changed bootstrap decision; `expectedRevision` is 0 for a new one. Absent for none. */
  readonly bootstraps?: readonly { readonly bootstrap: Bootstrap; readonly expectedRevision: number }[]
  /** Version `expected.snapshotVersion + 1`; null where no change alters assignment. */
  readonly snapshot: AssignmentSnapshot | null
}

/**
 * Everything that experimentation stores. Both adapters pass one conformance suite (`conformance.ts`).
 * Every method rejects with `DatastoreUnavailableError` when the datastore is out of reach.
 */
export type ExperimentationStore = AnalysisStore &
  AnalystStore &
  ArchiveStore &
  ModelDecisionStore & {
    /** One cheap read. */
    changeHead(): Promise<ChangeHead>
    /**
     * Writes changes, their audit entries and the snapshot that shows them in one atomic write, durable when it resolves.
     * `conflict` where the log or the snapshots do not end where the batch expects, or where anything it replaces is at
     * another revision: then nothing is written.
     */
    commit(batch: ChangeBatch): Promise<'committed' | 'conflict'>
    /** Audit entries in the order of their sequence. */
    findAuditEntries(query: AuditQuery): Promise<{
      readonly entries: readonly AuditEntry[]
      readonly hasMore: boolean
    }>

    /** For a verification, in the order of the keys: a row that cannot be read fails no call. */
    auditRecords(page: RecordPage<number>): Promise<readonly StoredRecord<number, AuditEntry>[]>
    experimentRecords(page: RecordPage<string>): Promise<readonly StoredRecord<string, Experiment>[]>
    metricRecords(page: RecordPage<string>): Promise<readonly StoredRecord<string, MetricVersions>[]>

    /** One round trip; unknown keys are left out. */
    experimentsByKeys(keys: readonly string[]): Promise<readonly Experiment[]>
    findExperiments(query: ExperimentQuery): Promise<ExperimentPage>
    /** How many match. */
    countExperiments(filter: ExperimentFilter): Promise<number>
    /** Every experiment whose status is one of those that can be listed in a snapshot, by key; of these layers, if given. */
    assigningExperiments(layers?: readonly string[]): Promise<readonly Experiment[]>

    /** Experiments with a decision, the newest decision first. */
    findDecided(query: DecisionQuery): Promise<ExperimentPage>
    countDecided(filter: DecisionFilter): Promise<number>

    /** One round trip; unknown keys are left out. */
    metricsByKeys(keys: readonly string[]): Promise<readonly MetricVersions[]>
    /** By key, those after `after`. */
    findMetrics(query: { readonly limit: number; readonly after: string | null }): Promise<{
      readonly metrics: readonly MetricVersions[]
      readonly hasMore: boolean
    }>

    /** Every layer, holdout and saved group, or those of these kinds; by kind and key. */
    targetingDefinitions(kinds?: readonly TargetingKind[]): Promise<readonly TargetingDefinition[]>

    /** Newest published snapshot, or null before the first. */
    latestSnapshot(): Promise<AssignmentSnapshot | null>
    /** One round trip; unknown versions are left out. Snapshots never change. */
    snapshotsByVersions(versions: readonly number[]): Promise<readonly AssignmentSnapshot[]>

    /**
     * Stores events, durable when it resolves. Idempotent by event id: the first write is kept. After a
     * `modelStageChanged`, `modelVersionsByIds` answers with the newest stage, and with the newest time at which the version
     * was rolled back, in whatever order the changes arrive.
     *
     * A `unitErased` cannot be read: it becomes one of `waitingErasures`, the newest instant of each unit. From then on no
     * event of the unit is stored that occurred up to this instant.
     */
    ingest(events: readonly IncomingEvent[]): Promise<void>
    /** Keeps refused events, durable when it resolves, but no body of an erased unit. Idempotent by event id if there is one. */
    reject(events: readonly RejectedEvent[]): Promise<void>
    /** One round trip; unknown ids are left out. A recorded event wins over a rejection. */
    exposureRecords(eventIds: readonly string[]): Promise<ReadonlyMap<string, ExposureRecord>>
    /**
     * The counted exposures of each experiment, one round trip. An experiment without any maps to an empty list. They come
     * from stored counters, and do not show an event before `addCounts` has added it.
     */
    exposureCounts(
      experimentKeys: readonly string[],
      groupBy: readonly ExposureGroup[],
    ): Promise<ReadonlyMap<string, readonly ExposureCount[]>>
    countedThrough(): Promise<CountedThrough>
    /**
     * Adds exposures to the counters and moves `countedThrough`, in one atomic write. `overtaken` where exposures are not
     * counted through `from` (any more): then nothing is written. So a step that is repeated, or was interrupted, counts
     * nothing twice.
     */
    addCounts(step: {
      readonly from: number
      readonly through: CountedThrough
      readonly exposures: readonly CountedExposure[]
    }): Promise<'added' | 'overtaken'>

    /**
     * Gives the next ingest positions to durable events that have none, for at most this many calls of `ingest`; returns
     * how many events got one. Any number of replicas may call it at once. It does nothing in a datastore that gives
     * positions with the insert. A heartbeat gets its position after every event that was acknowledged before the heartbeat
     * was sent.
     */
    assignPositions(limit: number): Promise<number>
    /** How many durable events have no position yet, and the earliest `recordedAt` among them, null without any. */
    unpositioned(): Promise<{ readonly events: number; readonly oldest: number | null }>
    /**
     * The highest position that can be read. Once it was p, the set of events with positions up to p never changes but by
     * erasing, whatever other writers do, and even if a writer was frozen in the middle of a write. It never goes back,
     * whatever is erased. 0 before the first event.
     */
    head(): Promise<number>
    /**
     * Events with `after < position <= upTo`, in the order of their positions; of these kinds, or of all.
     * @throws RangeError where `upTo` is above the head
     */
    eventsBetween(range: {
      readonly after: number
      readonly upTo: number
      readonly limit: number
      readonly kinds?: readonly StoredEvent['kind'][]
    }): Promise<readonly PositionedEvent[]>

    /**
     * Erases events that were recorded before an instant, with positions up to `upTo`, and all that is kept of their ids:
     * oldest positions first, and at most about so many; returns how many. Positions are never given again.
     */
    eraseEvents(range: {
      readonly recordedBefore: number
      readonly upTo: number
      readonly limit: number
    }): Promise<number>

    /** Erasures that are not carried out everywhere, the oldest first. */
    waitingErasures(limit: number): Promise<readonly UnitErasure[]>
    /**
     * Erases units from events or rejections that were stored before the erasure was, positioned or not. Of an event its id
     * and position are kept, so that nothing else moves; a rejection loses its body only. `after` is null at the end.
     */
    eraseUnits(scan: ErasureScan): Promise<{ readonly after: string | null; readonly erased: number }>
    /** Forgets in which cells the units were counted. The counters stay, because they name nobody. */
    eraseCountedUnits(units: readonly string[]): Promise<void>
    /**
     * Stores how far erasures have got, but not of those that were moved or replaced meanwhile; returns how many were. Of one
     * that is done only a hash of the unit is kept.
     */
    moveErasures(erasures: readonly UnitErasure[], to: ErasureProgress | 'done'): Promise<number>
    /** Forgets erasures that are done, of instants before this one and recorded before it; returns how many. */
    forgetErasures(before: number): Promise<number>
    /** How many of the events with positions up to this one were erased with their units. */
    erasedEvents(upTo: number): Promise<number>
    /**
     * Erases events that were refused before an instant, oldest first and at most so many, and on MongoDB what writers that
     * were killed before it have left behind; returns how many refused events.
     */
    eraseRejections(range: { readonly rejectedBefore: number; readonly limit: number }): Promise<number>

    /** Resolves when the datastore answers. */
    ping(): Promise<void>
    close(): Promise<void>
  }
