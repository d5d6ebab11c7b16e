import { z } from 'zod'

/** Keys of experiments, variants, layers and surfaces: short, printable, safe in a URL and in a metric label. */
export const keySchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be 1 to 100 letters, digits, ".", "_" or "-"')

/**
 * The caller's name for a randomisation unit or an item: any well-formed text. A lone surrogate is refused because it is
 * lost when a datastore writes UTF-8, while the evaluator hashes UTF-16: the unit would change its variant.
 */
export const identifierSchema = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed(), 'holds a lone surrogate')

/** SHA-256, in hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')

/** A share of a whole. */
export const shareSchema = z.number().min(0).max(1)

/** Idempotency key of an event. */
export const eventIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,128}$/, 'must be 8 to 128 letters, digits, "_" or "-"')

/** An instant in UTC, RFC 3339 with milliseconds. */
export const instantSchema = z.iso.datetime({ precision: 3 })

/**
 * W3C Trace Context: the trace in which something happened. It only serves to look at, so one that cannot be read is
 * dropped, and the rest of what carries it is good.
 */
export const traceparentSchema = z
  .string()
  .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  .optional()
  .catch(undefined)

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
