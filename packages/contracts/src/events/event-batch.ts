import { z } from 'zod'
import { identifierSchema } from '../primitives.ts'
import { exposureEventSchema } from './exposure-event.ts'
import { goodbyeEventSchema, heartbeatEventSchema } from './heartbeat-event.ts'
import { interactionEventSchema } from './interaction-event.ts'
import { modelStageChangedEventSchema } from './model-stage-event.ts'
import { servedEventSchema } from './served-event.ts'
import { unitErasedEventSchema } from './unit-erased-event.ts'

/** Upper bound on events per ingest request. */
export const MAX_EVENTS_PER_BATCH = 500

export const ingestEventSchema = z.discriminatedUnion('kind', [
  exposureEventSchema,
  servedEventSchema,
  interactionEventSchema,
  heartbeatEventSchema,
  goodbyeEventSchema,
  modelStageChangedEventSchema,
  unitErasedEventSchema,
])

/** The kinds that this version of the contract knows. */
export const EVENT_KINDS = [
  'exposure',
  'served',
  'interaction',
  'heartbeat',
  'goodbye',
  'modelStageChanged',
  'unitErased',
] as const satisfies readonly IngestEvent['kind'][]
export type EventKind = (typeof EVENT_KINDS)[number]

/** EventBatch v1. Events are parsed one by one, so that a bad one does not spoil the batch. */
export const eventBatchSchema = z.object({
  /** Who sends it. A relay also sends the events of its replicas. */
  producer: identifierSchema,
  events: z.array(z.unknown()).min(1).max(MAX_EVENTS_PER_BATCH),
})

/** The answer of ingest. Duplicates count as accepted; `rejected` lists the events that are refused. */
export const eventBatchResultSchema = z.object({
  accepted: z.int().min(0),
  rejected: z.array(
    z.object({
      index: z.int().min(0),
      eventId: z.string().nullable(),
      code: z.string(),
      message: z.string(),
      /**
       * True where the same event can be accepted later, for instance by a newer release that knows its kind: the sender
       * keeps the event and tries again. Absent in answers of earlier releases, and where it is refused for good.
       */
      retryable: z.boolean().optional(),
    }),
  ),
})

export type IngestEvent = z.infer<typeof ingestEventSchema>
export type EventBatch = { producer: string; events: IngestEvent[] }
export type EventBatchResult = z.infer<typeof eventBatchResultSchema>
