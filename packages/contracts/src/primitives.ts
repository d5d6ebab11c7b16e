import { z } from 'zod'

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const MAX_IDENTIFIER_LENGTH = 256
const EVENT_ID = /^[A-Za-z0-9_-]{8,128}$/
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Keys of experiments, variants, layers and surfaces: short, printable, safe in a URL and in a metric label. */
export const keySchema = z.string().regex(KEY, 'must be 1 to 100 letters, digits, ".", "_" or "-"')

/**
 * The caller's name for a randomisation unit or an item: any well-formed text. A lone surrogate is refused because it is
 * lost when a datastore writes UTF-8, while the evaluator hashes UTF-16: the unit would change its variant.
 */
export const identifierSchema = z
  .string()
  .min(1)
  .max(MAX_IDENTIFIER_LENGTH)
  .refine((text) => text.isWellFormed(), 'holds a lone surrogate')

/** SHA-256, in hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')

/** A share of a whole. */
export const shareSchema = z.number().min(0).max(1)

/** Idempotency key of an event. */
export const eventIdSchema = z.string().regex(EVENT_ID, 'must be 8 to 128 letters, digits, "_" or "-"')

/** An instant in UTC, RFC 3339 with milliseconds. */
export const instantSchema = z.iso.datetime({ precision: 3 })

/**
 * W3C Trace Context: the trace in which something happened. It only serves to look at, so one that cannot be read is
 * dropped, and the rest of what carries it is good.
 */
export const traceparentSchema = z.string().regex(TRACEPARENT).optional().catch(undefined)

/** The degradation ladder of a slate, best first. */
export const RUNGS = ['MODEL', 'PREVIOUS_MODEL', 'POPULAR', 'STATIC'] as const
export type Rung = (typeof RUNGS)[number]

export const INTERACTION_TYPES = ['IMPRESSION', 'CLICK', 'PLAY', 'SKIP', 'LIKE', 'DISLIKE', 'HIDE'] as const
export type InteractionType = (typeof INTERACTION_TYPES)[number]

export const EXPOSURE_TRIGGERS = ['SERVE', 'IMPRESSION'] as const
export type ExposureTrigger = (typeof EXPOSURE_TRIGGERS)[number]

/** Statuses in which a snapshot still lists an experiment. */
export const SNAPSHOT_STATUSES = ['RUNNING', 'PAUSED', 'STOPPED'] as const
export type SnapshotStatus = (typeof SNAPSHOT_STATUSES)[number]

// What the schemas of the same names accept, for whoever reads so many values that the schemas take too long.

const INSTANT = z.regexes.datetime({ precision: 3 })

export function isKey(value: unknown): value is string {
  return typeof value === 'string' && KEY.test(value)
}

export function isIdentifier(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= MAX_IDENTIFIER_LENGTH &&
    value.isWellFormed()
  )
}

export function isEventId(value: unknown): value is string {
  return typeof value === 'string' && EVENT_ID.test(value)
}

export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && INSTANT.test(value)
}

export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && TRACEPARENT.test(value)
}

export function isRung(value: unknown): value is Rung {
  return (RUNGS as readonly unknown[]).includes(value)
}
