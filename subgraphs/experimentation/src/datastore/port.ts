import type { AssignmentSnapshot, IngestEvent, Rung } from '@bulkhead/contracts'
import type { Experiment, ExperimentStatus } from '../domain/experiment.ts'

export const EXPERIMENT_ORDER_FIELDS = ['CREATED_AT', 'STARTED_AT', 'KEY'] as const
export type ExperimentOrderField = (typeof EXPERIMENT_ORDER_FIELDS)[number]

export type ExperimentFilter = {
  readonly keys?: readonly string[]
  readonly statuses?: readonly ExperimentStatus[]
  readonly owner?: string
  readonly modelVersionId?: string
  /** Case-insensitive, taken literally. */
  readonly nameContains?: string
  /** Epoch milliseconds, exclusive. */
  readonly createdAfter?: number
  readonly createdBefore?: number
}

/** Where a page ended: the ordering field's value (null sorts first ascending, last descending) and the key as tie-breaker. */
export type ExperimentPosition = { readonly value: number | string | null; readonly key: string }

export type ExperimentQuery = {
  readonly filter: ExperimentFilter
  readonly orderBy: { readonly field: ExperimentOrderField; readonly direction: 'ASC' | 'DESC' }
  readonly limit: number
  readonly after: ExperimentPosition | null
}

export type ExperimentPage = {
  readonly experiments: readonly Experiment[]
  /** Whether more follow behind the last one. */
  readonly hasMore: boolean
}

/** An event as ingest stores it. */
export type IncomingEvent = {
  readonly event: IngestEvent
  readonly producer: string
  /** When this service took it, epoch milliseconds. */
  readonly recordedAt: number
  /** False for what no exposure count may hold: an exposure after its experiment's stop, and every other kind. */
  readonly counted: boolean
}

export type PositionedEvent = Omit<IncomingEvent, 'counted'> & { readonly position: number }

/** An event that ingest refused: kept, so that its exposure can say REJECTED and an operator can look. */
export type RejectedEvent = {
  /** Null where the event had no readable id. */
  readonly eventId: string | null
  readonly producer: string
  readonly code: string
  readonly message: string
  /** The event as it came, cut to a bounded size, as JSON text. */
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
}

/** A change of one experiment together with the snapshot that shows it. */
export type Publication = {
  /** Null publishes a snapshot without a change: the first one of an empty store. */
  readonly change: { readonly experiment: Experiment; readonly expectedRevision: number } | null
  readonly snapshot: AssignmentSnapshot
}

/**
 * All that experimentation keeps. Both adapters pass one conformance suite (`conformance.ts`).
 * Every method rejects with `DatastoreUnavailableError` when the datastore is out of reach.
 */
export type ExperimentationStore = {
  /** Stores a new experiment; `exists` where the key is taken. Durable when it resolves. */
  createExperiment(experiment: Experiment): Promise<'created' | 'exists'>
  /** One round trip; unknown keys are left out. */
  experimentsByKeys(keys: readonly string[]): Promise<readonly Experiment[]>
  findExperiments(query: ExperimentQuery): Promise<ExperimentPage>
  /** All that match. */
  countExperiments(filter: ExperimentFilter): Promise<number>
  /** Every experiment that the snapshot lists, by key. */
  assigningExperiments(): Promise<readonly Experiment[]>

  /** Newest published snapshot, or null before the first. */
  latestSnapshot(): Promise<AssignmentSnapshot | null>
  /** One round trip; unknown versions are left out. Snapshots never change. */
  snapshotsByVersions(versions: readonly number[]): Promise<readonly AssignmentSnapshot[]>
  /**
   * Writes the change and its snapshot in one atomic write. `conflict` where the stored revision is not the expected
   * one, or the snapshot's version is not exactly one above the newest: then nothing is written.
   */
  publish(publication: Publication): Promise<'published' | 'conflict'>

  /** Stores events, durable when it resolves. Idempotent by event id: the first write stands. */
  ingest(events: readonly IncomingEvent[]): Promise<void>
  /** Keeps refused events, durable when it resolves. Idempotent by event id where there is one. */
  reject(events: readonly RejectedEvent[]): Promise<void>
  /** One round trip; ids of which nothing is known are left out. A recorded event wins over a rejection. */
  exposureRecords(eventIds: readonly string[]): Promise<ReadonlyMap<string, ExposureRecord>>
  /** Exposures of each experiment that are neither forced nor stored as not counted, one round trip; experiments without any map to an empty list. */
  exposureCounts(
    experimentKeys: readonly string[],
    groupBy: readonly ExposureGroup[],
  ): Promise<ReadonlyMap<string, readonly ExposureCount[]>>

  /**
   * Gives durable events that have no ingest position yet the next ones; returns how many this call positioned.
   * Safe to call from any number of replicas at once. Where positions come with the insert it does nothing.
   */
  assignPositions(limit: number): Promise<number>
  /**
   * The highest position p that can be read. From then on the set of events with a position up to p never changes,
   * whatever any other writer does, has begun, or was frozen in. 0 before the first event.
   */
  head(): Promise<number>
  /** Events with `after < position <= upTo` in the order of their positions; `upTo` must not be above a head read before. */
  eventsBetween(range: {
    readonly after: number
    readonly upTo: number
    readonly limit: number
  }): Promise<readonly PositionedEvent[]>

  /** Resolves when the datastore answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
