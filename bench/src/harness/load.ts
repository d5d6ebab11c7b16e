/**
 * What one load run does. Every request is from another unit (a user), so that neither a cache nor the sharing of
 * identical requests makes the measured process look faster than it is.
 */
export type LoadOrder = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The body, cut where the unit's id goes. */
  readonly body: readonly string[]
  readonly reading: Reading
  readonly expected: Expected
  /** Orders of one series never ask for the same unit twice; orders of two series do. Those without a name are one series. */
  readonly series?: string
  /** How many requests are under way at a time: each is sent when the one before it on its connection is answered. */
  readonly connections: number
  readonly requests: number
  /** No new request after this time, however few were sent. */
  readonly maxMs: number
  /** The result says which share of the answers took no longer. */
  readonly withinMs?: number
}

/**
 * How much of an answer counts: all of it, or the first part of a multipart one. After the first part the client either
 * leaves, so that its connection is closed, or stays: the rest arrives while the next request goes out on another
 * connection.
 */
export type Reading = 'whole' | 'first-part-then-leave' | 'first-part-then-stay'

export type Expected =
  /** This text exactly, cut where the unit's id goes. */
  | { readonly type: 'text'; readonly parts: readonly string[] }
  /** At least this long, with and without these texts. */
  | {
      readonly type: 'like'
      readonly minLength: number
      readonly includes: readonly string[]
      readonly excludes: readonly string[]
    }

export type LoadResult = {
  readonly requests: number
  readonly elapsedMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** From 0 to 1; 1 where the order sets no limit. */
  readonly shareWithin: number
  /** Answers that were not as expected; `example` is the first. */
  readonly failures: { readonly count: number; readonly example: string | null }
}

/** Ids of units have one length, so that answers have too. */
export const UNIT_PATTERN = /unit-\d{9}/

export function unitOf(number: number): string {
  return `unit-${String(number).padStart(9, '0')}`
}

export function isExpected(text: string, expected: Expected, unit: string): boolean {
  if (expected.type === 'text') return text === expected.parts.join(unit)
  return (
    text.length >= expected.minLength &&
    expected.includes.every((part) => text.includes(part)) &&
    !expected.excludes.some((part) => text.includes(part))
  )
}
