import type { IngestEvent, ModelStage, UnitErasedEvent } from '@bulkhead/contracts'
import type { CanaryCounts } from '../domain/canary/canary-counts.ts'
import type { Erasure, OpenErasure } from '../domain/erasure.ts'
import type { HistoryLimits, Interaction, ServingHistory } from '../domain/interaction.ts'
import type { Item } from '../domain/item.ts'
import type { ModelEvaluation } from '../domain/model-path/model-evaluation.ts'
import type { StageMove } from '../domain/model-path/stage-move.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import type { CandidateLog } from '../domain/off-policy/candidate-log.ts'
import type { ShadowCounts } from '../domain/shadow/shadow-counts.ts'
import type { Slate } from '../domain/slate.ts'

export type ItemFilter = {
  readonly ids?: readonly string[]
  /** Items in any of these. */
  readonly categories?: readonly string[]
  readonly creator?: string
  /** Case-insensitive, taken literally. */
  readonly titleContains?: string
  readonly available?: boolean
}

/** What the datastores themselves look for. Titles are searched in memory (`state/catalogue/`). */
export type StoredItemFilter = Omit<ItemFilter, 'titleContains'>

/** A place in the order in which items changed: after this item of that change, or after the whole change. */
export type CataloguePosition = { readonly version: number; readonly itemId: string | null }

export type CatalogueChanges = {
  /** As they are now. */
  readonly items: readonly Item[]
  /** Where to go on; null after the last. */
  readonly next: CataloguePosition | null
}

export type ItemPage = {
  readonly items: readonly Item[]
  readonly hasMore: boolean
}

/** Interactions of one user are paged newest first; the event id breaks ties. */
export type InteractionPosition = { readonly occurredAt: number; readonly eventId: string }

export type InteractionPage = { readonly interactions: readonly Interaction[]; readonly hasMore: boolean }

export type ModelVersionFilter = { readonly model?: string; readonly stages?: readonly ModelStage[] }

/** Model versions are paged newest first; the id breaks ties. */
export type ModelVersionPosition = { readonly createdAt: number; readonly id: string }

export type ModelVersionPage = {
  readonly versions: readonly ModelVersion[]
  readonly hasMore: boolean
}

/** What one process has counted of a version in shadow since it began to. */
export type ShadowPart = {
  /** Names the count: another one for each process and champion, and for each time that it begins anew. */
  readonly source: string
  /** The version that served what it was compared with; null in parts of earlier releases. */
  readonly championId: string | null
  readonly counts: ShadowCounts
}

/** What one process has counted of a refresh in its canary; `source` as of `ShadowPart`. */
export type CanaryPart = { readonly source: string; readonly counts: CanaryCounts }

/** An interaction and the events about it for experimentation; both become durable together. */
export type RecordedInteraction = {
  readonly interaction: Interaction
  readonly events: readonly IngestEvent[]
}

/** Events that became durable together with the slate or interaction that caused them, claimed for delivery. */
export type OutboxEntry = {
  readonly id: string
  readonly events: readonly IngestEvent[]
  /** Deliveries tried before this one. */
  readonly attempts: number
}

export type OutboxClaim = { readonly token: string; readonly entries: readonly OutboxEntry[] }

export type OutboxState = {
  /** Entries that are not delivered, claimed ones included. */
  readonly size: number
  /** `occurredAt` of the oldest event among them, epoch milliseconds; null when there is none. */
  readonly oldest: number | null
}

export type DeadLetter = {
  readonly event: IngestEvent
  /** The receiver's code, or why the relay gave up. */
  readonly code: string
  readonly message: string
  readonly at: number
}

/** Dead letters are listed oldest first; the event id breaks ties. */
export type DeadLetterPosition = { readonly at: number; readonly eventId: string }

/** A slate that keeps its candidates, and what its user did with it so far. */
export type LoggedSlate = {
  readonly slate: Slate
  readonly candidates: CandidateLog
  /** Those that name the slate, by event id. */
  readonly interactions: readonly Interaction[]
}

/** How many of each were erased. */
export type ErasedRows = {
  readonly interactions: number
  readonly slates: number
  readonly deadLetters: number
}

/**
 * All that personalization keeps. Both adapters pass one conformance suite (`conformance.ts`).
 * Every method rejects with `DatastoreUnavailableError` when the datastore is out of reach.
 */
export type PersonalizationStore = {
  /** Inserts or replaces items by id, at most 500 a call. */
  upsertItems(items: readonly Item[]): Promise<void>
  /** Inserts the items whose id is not known yet, at most 500 a call; returns how many were new. */
  insertMissingItems(items: readonly Item[]): Promise<number>
  /** One round trip; unknown ids are left out. */
  itemsByIds(ids: readonly string[]): Promise<readonly Item[]>
  /** In the order of their ids (by code point). */
  findItems(query: {
    readonly filter: StoredItemFilter
    readonly limit: number
    readonly after: string | null
  }): Promise<ItemPage>
  /** Counts all matches. May read the whole catalogue, so paging must not call it for every page. */
  countItems(filter: StoredItemFilter): Promise<number>
  /** Grows with every change of the catalogue; cheap to poll. A change that it includes can be read. */
  catalogueVersion(): Promise<number>
  /**
   * The items whose last change is after a position and not after the version `through`, one that `catalogueVersion`
   * gave, in the order of their changes; one range of an index. An item that changes meanwhile is in a later version.
   * Items of releases that did not number changes are in none.
   */
  catalogueChanges(query: {
    readonly after: CataloguePosition
    readonly through: number
    readonly limit: number
  }): Promise<CatalogueChanges>
  /** The items that most users have consumed, most first, ties by id. */
  popularItems(limit: number): Promise<readonly { readonly itemId: string; readonly listeners: number }[]>
  /** The items that most users consumed for the first time lately (`Popularity`), most first, ties by id. */
  trendingItems(limit: number): Promise<readonly { readonly itemId: string; readonly trend: number }[]>

  /**
   * Stores live interactions with their pending events, in one atomic step each; durable when it resolves.
   * Idempotent by event id: for a repeated one neither the interaction nor its events are written again.
   */
  recordInteractions(records: readonly RecordedInteraction[]): Promise<void>
  /** Stores history without events, at most 500 a call; idempotent by event id; returns how many were new. */
  importInteractions(interactions: readonly Interaction[]): Promise<number>
  /**
   * Begins a large import of items and interactions: until `endBulkImport`, calls that import take up to the returned
   * number of rows. Indexes may be left out meanwhile, and popularity may count later: on SQLite by a store that was opened
   * `alone`, on MongoDB where no interaction is stored yet. So nothing but importing and `itemsByIds` is called; other
   * processes that share a MongoDB may record and erase, but cannot read histories. A process that dies in between has
   * lost nothing: the next one to open the store puts it in order, or the next bulk import does.
   * @param expectedRows about how many interactions are to come
   */
  beginBulkImport(expectedRows: number): Promise<number>
  /** May take as long as the import did. Harmless where none has begun. */
  endBulkImport(): Promise<void>
  /**
   * What serving needs to know of the user, without reading anything else. Each window holds the newest distinct items,
   * found among at most ten times as many interactions (`readServingHistory`).
   */
  servingHistory(userId: string, limits: HistoryLimits): Promise<ServingHistory>
  findInteractions(query: {
    readonly userId: string
    readonly limit: number
    readonly after: InteractionPosition | null
  }): Promise<InteractionPage>
  /** Every interaction, ordered by user, item, then event id (by code point): what training reads, page by page. */
  scanInteractions(query: {
    readonly after: Interaction | null
    readonly limit: number
  }): Promise<readonly Interaction[]>

  /**
   * Stores a slate and its pending events in one atomic step; durable when it resolves. Its id is one of `createSlateId`
   * for its user: an erasure may find it by nothing else. The candidates become durable with it and go with it; more than
   * `MAX_CANDIDATES_TEXT` of them are not kept.
   */
  saveSlate(slate: Slate, events: readonly IngestEvent[], candidates?: CandidateLog | null): Promise<void>
  /** One round trip; unknown ids are left out. */
  slatesByIds(ids: readonly string[]): Promise<readonly Slate[]>
  /**
   * The slates that keep their candidates, in the order of their ids (by code point). Reads all interactions of their
   * users: for evaluation, not for serving.
   */
  scanLoggedSlates(query: {
    readonly after: string | null
    readonly limit: number
  }): Promise<readonly LoggedSlate[]>

  /**
   * Stores a new version with its artefact. `exists` where the id is taken.
   * @throws RangeError for one in PRODUCTION, where a version gets by a move alone
   */
  saveModelVersion(version: ModelVersion, artefact: Uint8Array): Promise<'saved' | 'exists'>
  /**
   * Moves versions along their path in one step, with the events that tell experimentation: all of them, or none. `conflict`
   * where a version is not in the stage any more from which it moves, or another one than `expectedProduction` is in
   * PRODUCTION; `no-artefact` where one that would enter PRODUCTION has lost it. Only one version can be in PRODUCTION,
   * whatever its model, so of those that enter it at once one does.
   */
  moveModelVersions(query: {
    readonly expectedProduction: string | null
    readonly moves: readonly StageMove[]
  }): Promise<'moved' | 'conflict' | 'no-artefact'>
  /** Keeps an evaluation of a version; durable when it resolves. Of one that was made again the newer is kept. */
  addModelEvaluation(versionId: string, evaluation: ModelEvaluation): Promise<void>
  /** The newest evaluation of each; versions that have none are left out. One round trip. */
  modelEvaluations(versionIds: readonly string[]): Promise<ReadonlyMap<string, ModelEvaluation>>
  /**
   * The one version in PRODUCTION; null where none is: before the first, or after a rollback that nothing was before.
   * Cheap to poll.
   */
  productionModelVersion(): Promise<ModelVersion | null>
  /**
   * RETIRED versions that were in PRODUCTION and still have an artefact, the last to leave it first; without those that a
   * rollback or a guardrail took out.
   */
  formerProductionVersions(limit: number): Promise<readonly ModelVersion[]>
  modelVersionsByIds(ids: readonly string[]): Promise<readonly ModelVersion[]>
  findModelVersions(query: {
    readonly filter: ModelVersionFilter
    readonly limit: number
    readonly after: ModelVersionPosition | null
  }): Promise<ModelVersionPage>
  countModelVersions(filter: ModelVersionFilter): Promise<number>
  /** The artefact's bytes, or null for an unknown version or an expired artefact. May be many megabytes. */
  modelArtefact(id: string): Promise<Uint8Array | null>

  /**
   * Keeps what a source has counted so far, in place of what it had counted before. Nothing counts twice: a part with fewer
   * requests than the one kept, as a write that comes late has, changes nothing.
   */
  addShadow(versionId: string, part: ShadowPart): Promise<void>
  /**
   * What every source has counted of these versions; one round trip. Versions without any are left out, and so are those
   * whose artefact has expired: what is counted goes with it.
   */
  shadowOf(
    versionIds: readonly string[],
  ): Promise<readonly (Omit<ShadowPart, 'source'> & { readonly versionId: string })[]>

  /** As `addShadow`, of a refresh in its canary: a part with fewer lists than the one kept changes nothing. */
  addCanary(versionId: string, part: CanaryPart): Promise<void>
  /** What every source has counted of these versions in their canary; one round trip. Left out are those of `shadowOf`. */
  canaryOf(
    versionIds: readonly string[],
  ): Promise<readonly { readonly versionId: string; readonly counts: CanaryCounts }[]>

  /** The last snapshot that was verified, as it came over the wire; null before the first. */
  lastSnapshot(): Promise<unknown>
  /** Keeps it if its version is higher than the one kept. */
  keepSnapshot(snapshot: { readonly version: number }): Promise<void>

  /**
   * Claims due entries, oldest first, until `now + leaseMs`; no two claims hold one entry at a time. An entry whose
   * lease ran out is due again. `limit` counts entries.
   */
  claimOutbox(query: {
    readonly now: number
    readonly leaseMs: number
    readonly limit: number
  }): Promise<OutboxClaim>
  /** Delivered: the entries leave the outbox. Entries that another claim holds by now are left alone. */
  completeOutbox(token: string, entryIds: readonly string[]): Promise<void>
  /** Not delivered: due again at `dueAt`, with one more attempt counted. */
  retryOutbox(token: string, entryIds: readonly string[], dueAt: number): Promise<void>
  outboxState(): Promise<OutboxState>
  /**
   * Keeps undeliverable events; durable when it resolves; idempotent by event id. An event of a user who was erased
   * since is not kept.
   */
  addDeadLetters(letters: readonly DeadLetter[]): Promise<void>
  deadLetterCount(): Promise<number>
  /** Oldest first. */
  listDeadLetters(query: {
    readonly limit: number
    readonly after: DeadLetterPosition | null
  }): Promise<readonly DeadLetter[]>
  /** Puts the events of these letters back into the outbox, at most 500 a call, and returns how many were there. */
  replayDeadLetters(eventIds: readonly string[]): Promise<number>

  /** Takes up an erasure together with its event for experimentation; durable when it resolves; idempotent by id. */
  beginErasure(erasure: OpenErasure, event: UnitErasedEvent): Promise<void>
  /**
   * One step of an erasure, in one transaction: takes out up to `limit` of each of the user's interactions, with what
   * they count for popularity, slates and dead letters that are from `through` or before, and adds to what the erasure
   * has counted. Their events that are not delivered yet stay in the outbox until they are. All zero where nothing is
   * left, and for an erasure that is finished.
   */
  eraseSome(query: {
    readonly erasureId: string
    /** Epoch milliseconds. */
    readonly through: number
    readonly limit: number
  }): Promise<ErasedRows>
  /** Oldest first. */
  openErasures(limit: number): Promise<readonly OpenErasure[]>
  /** From now on only the hash of the user is known. A finished erasure stays as it is. */
  finishErasure(id: string, at: number): Promise<void>
  /** Newest first. */
  erasureLog(limit: number): Promise<readonly Erasure[]>

  /**
   * Deletes up to `limit` slates from before an instant, and returns how many. No event is lost: MongoDB keeps a slate
   * until its events are delivered, SQLite keeps the events by themselves.
   */
  expireSlates(query: { readonly before: number; readonly limit: number }): Promise<number>
  /**
   * Deletes up to `limit` dead letters: the oldest, as far as they are from before an instant or beyond the newest
   * `keep`. Returns how many.
   */
  expireDeadLetters(query: {
    readonly before: number
    readonly keep: number
    readonly limit: number
  }): Promise<number>
  /**
   * Deletes the artefact of one version that became RETIRED before an instant and is not in `keep`, and what was counted of
   * it in shadow and in its canary; the version itself stays. False where there is none.
   */
  expireArtefact(query: { readonly before: number; readonly keep: readonly string[] }): Promise<boolean>

  /** Resolves when the datastore answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
