/**
 * What one load run does. Every request is from another unit (a user), so that neither a cache nor the sharing of
 * identical requests makes the measured process look faster than it is.
 */
export type LoadOrder = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The body, cut where the unit's id goes. */
  readonly body: readonly string[]
  readonly expected: Expected
  /** Each keeps one connection open and sends its next request when the answer to the last one is there. */
  readonly connections: number
  readonly requests: number
  /** No new request after this time, however few were sent. */
  readonly maxMs: number
}

export type Expected =
  /** This text exactly, cut where the unit's id goes. */
  | { readonly type: 'text'; readonly parts: readonly string[] }
  /** At least this long, and without these texts. */
  | { readonly type: 'like'; readonly minLength: number; readonly without: readonly string[] }

export type LoadResult = {
  readonly requests: number
  readonly elapsedMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Answers that were not as expected; `example` is the first. */
  readonly failures: { readonly count: number; readonly example: string | null }
}

/** Ids of units have one length, so that answers have too. */
export const UNIT_PATTERN = /unit-\d{9}/

export function unitOf(number: number): string {
  return `unit-${String(number).padStart(9, '0')}`
}
