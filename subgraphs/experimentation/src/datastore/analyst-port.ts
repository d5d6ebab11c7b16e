import type { JsonObject } from '@bulkhead/contracts'

/** How far the read model of the analyst that holds the lease has followed the log. */
export type AnalystProgress = {
  /** The ingest position up to which events are in it. */
  readonly through: number
  /** When it last held every event that could be read, epoch milliseconds by its own clock; 0 before that. */
  readonly caughtUpAt: number
}

/** Who analyses. Whoever changes it raises `beat`, so that two who change it at the same time cannot both succeed. */
export type Lease = {
  /** Null where it was given up. */
  readonly holder: string | null
  /** Rises with each change. */
  readonly beat: number
  readonly progress: AnalystProgress
}

/** An erasure, waiting or done, by the hash of its unit. */
export type KnownErasure = {
  /** As `unitHash` makes it. */
  readonly unitHash: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly recordedAt: number
  /** Whether nothing is left of the unit in the log. */
  readonly done: boolean
}

/** An analysis that somebody waits for. */
export type AnalysisRequest = {
  readonly id: string
  readonly experimentKey: string
  /** Epoch milliseconds, exclusive; null for the time at which it is computed. */
  readonly cutoff: number | null
  readonly requestedBy: string
  readonly requestedAt: number
}

/** A look of the schedule, made and told. */
export type ToldLook = {
  readonly experimentKey: string
  /** Epoch milliseconds. */
  readonly cutoff: number
  /** The analysis that was told. */
  readonly analysisId: string
}

/** What a receiver is told, once or more often. */
export type Notification = {
  /** The same for the same news: of two that are added, the first is kept. */
  readonly id: string
  /** Which receiver, by a name that holds no secret. */
  readonly receiver: string
  readonly body: JsonObject
  readonly attempts: number
  /** When it is tried next, epoch milliseconds. */
  readonly dueAt: number
  readonly createdAt: number
}

export type NotificationKey = Pick<Notification, 'id' | 'receiver'>

/** What analysts share: who analyses, what is asked of them, and what they have to tell. */
export type AnalystStore = {
  /** Null before the first. */
  lease(): Promise<Lease | null>
  /** Durable when it resolves true; false where the lease is not at this beat (null for no lease) any more. */
  replaceLease(change: { readonly expectedBeat: number | null; readonly lease: Lease }): Promise<boolean>

  /** Random, made once for a datastore: what was derived from another datastore cannot be taken for this one's. */
  logId(): Promise<string>
  /** The position up to which retention has erased events; what it erases begins at the oldest. 0 where it never did. */
  logStart(): Promise<number>
  /** Erasures that were recorded at this instant or later, by the clocks of those who took them in; oldest first. */
  erasuresSince(recordedAt: number): Promise<readonly KnownErasure[]>

  /** Durable when it resolves; one with a known id is left as it is. */
  addAnalysisRequest(request: AnalysisRequest): Promise<void>
  /** Those without an outcome, the oldest first. */
  waitingAnalysisRequests(limit: number): Promise<readonly AnalysisRequest[]>
  /** The first outcome of a request is kept. */
  settleAnalysisRequest(id: string, outcome: JsonObject): Promise<void>
  /** Null while there is none, and for an unknown id. */
  analysisOutcome(id: string): Promise<JsonObject | null>
  /** Deletes requests from before an instant, whether they have an outcome or not. */
  forgetAnalysisRequests(requestedBefore: number): Promise<void>

  /** Durable when it resolves. Those that are known, or were, are left as they are. */
  addNotifications(notifications: readonly Notification[]): Promise<void>
  /** Those that are due, the most overdue first. */
  dueNotifications(query: { readonly now: number; readonly limit: number }): Promise<readonly Notification[]>
  /** After an attempt; null where no further one is made. What is not made any more stays known. */
  moveNotification(
    key: NotificationKey,
    to: { readonly attempts: number; readonly dueAt: number | null },
  ): Promise<void>
  /** Forgets those from before an instant of which no attempt is made any more. */
  forgetNotifications(createdBefore: number): Promise<void>
  /** Durable when it resolves; of two at one cutoff the first is kept. */
  recordLook(look: ToldLook): Promise<void>
  /** The newest look at an experiment before a cutoff. */
  lookBefore(query: Pick<ToldLook, 'experimentKey' | 'cutoff'>): Promise<ToldLook | null>
}
