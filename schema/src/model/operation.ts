import type { SourceLocation } from './source.ts'

/** An operation that clients are known to send. One that several sources know is one operation. */
export type KnownOperation = {
  /** SHA-256 of the normalized document (sorted, without aliases and values), or the id of a manifest's entry. */
  readonly id: string
  readonly name: string | null
  /** The document with all fragments that it uses. */
  readonly document: string
  /** Of a committed document or manifest; null for one that is only known from recorded usage. */
  readonly location: SourceLocation | null
  /** Recorded usage within the window; null where there is none. */
  readonly usage: OperationUsage | null
}

export type OperationUsage = {
  readonly count: number
  /** UTC, ISO 8601. */
  readonly lastSeen: string
  /** `name@version`, sorted; a client that does not say its name is `unknown`. */
  readonly clients: readonly string[]
}

/** What is known about the use of the graph. */
export type KnownOperations = {
  /** In the order of their ids. */
  readonly operations: readonly KnownOperation[]
  /** What usage was recorded, null where none is configured. */
  readonly recorded: RecordedUsage | null
}

export type RecordedUsage = {
  /** UTC, ISO 8601: the first and the last hour that have records within the window. */
  readonly from: string
  readonly to: string
  readonly requests: number
  /**
   * Whether it is enough to say of something that nobody uses it: the window is covered and has the configured least
   * number of requests. Only then a break that touches no operation is downgraded.
   */
  readonly isEnough: boolean
  /**
   * Schema coordinates that operations too long to be recorded whole have used, with how often. A break of these is
   * never unused.
   */
  readonly coordinates: ReadonlyMap<string, number>
}
