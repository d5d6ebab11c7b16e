import { z } from 'zod'
import { eventIdSchema, identifierSchema, instantSchema, keySchema, RUNGS } from '../primitives.ts'

/** Upper bound on the served counts of one heartbeat. */
export const MAX_SERVED_COUNTS = 10_000

const servedCountSchema = z.object({
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  variantKey: keySchema,
  surface: keySchema,
  rung: z.enum(RUNGS),
  count: z.int().min(0),
  /**
   * Start of the UTC hour in which the slates were served: the count is what the producer has served in that hour so
   * far. Absent in heartbeats of earlier releases, whose counts begin with their process.
   */
  hour: instantSchema.optional(),
})

/** How much a producer has served and delivered. */
const producerReport = {
  eventId: eventIdSchema,
  /** Names one process. A restart is a new producer. */
  producer: identifierSchema,
  /** Names the outbox that the producer shares with its replicas. Absent in heartbeats of earlier releases. */
  outbox: identifierSchema.optional(),
  /** Grows by one with every heartbeat of the producer; the goodbye's is the last. */
  sequence: z.int().min(1),
  /**
   * Every event that this producer had recorded by then has been delivered or counted in `dropped`. What carries the
   * server's time (`served`, and exposures with the trigger SERVE) is complete up to here; interactions, and exposures that
   * follow from them, carry the client's, and clients may send them later.
   */
  deliveredThrough: instantSchema,
  /**
   * For each hour, the newest heartbeat that lists it replaces those before, so that a lost or repeated heartbeat changes
   * nothing. An hour is listed until a heartbeat that was sent after its end has been acknowledged.
   */
  served: z.array(servedCountSchema).max(MAX_SERVED_COUNTS),
  /** Events in the dead-letter store, and slates that were served unassigned because they could not be recorded. */
  dropped: z.int().min(0),
  /** Exposures that were served but are missing from `served`, because the producer can keep no more counts. */
  uncounted: z.int().min(0).optional(),
  occurredAt: instantSchema,
} as const

export const heartbeatEventSchema = z.object({ kind: z.literal('heartbeat'), ...producerReport })

/** The last heartbeat of a producer that stops: it serves nothing after `occurredAt`. */
export const goodbyeEventSchema = z.object({ kind: z.literal('goodbye'), ...producerReport })

export type HeartbeatEvent = z.infer<typeof heartbeatEventSchema>
export type GoodbyeEvent = z.infer<typeof goodbyeEventSchema>
export type ServedCount = z.infer<typeof servedCountSchema>
