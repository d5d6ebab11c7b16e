import {
  type AssignmentSnapshot,
  assignmentSnapshotSchema,
  EXPOSURE_TRIGGERS,
  exactValue,
  ingestEventSchema,
  jsonObjectSchema,
  MAX_EVENT_VALUE,
} from '@bulkhead/contracts'
import { z } from 'zod'
import { EXPERIMENT_STATUSES, type Experiment, UNKNOWN_AUTHOR } from '../domain/experiment.ts'
import type { StoredEvent } from '../domain/stored-event.ts'

/**
 * Both adapters store JSON text, and beside it the few fields that they search by. Text keeps any key (`$`, `.`,
 * `__proto__`) and any number unchanged, byte for byte.
 */
const experimentSchema = z.object({
  key: z.string(),
  name: z.string(),
  hypothesis: z.string(),
  owner: z.string(),
  status: z.enum(EXPERIMENT_STATUSES),
  revision: z.int(),
  version: z.int(),
  unitType: z.string(),
  surfaces: z.array(z.string()),
  coverage: z.number(),
  exposureTrigger: z.enum(EXPOSURE_TRIGGERS),
  variants: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      weight: z.number(),
      payload: jsonObjectSchema.nullable(),
      isControl: z.boolean(),
    }),
  ),
  // Not recorded by the first release, like `by` below.
  createdBy: z.string().optional(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  stoppedAt: z.number().nullable(),
  history: z.array(
    z.object({
      from: z.enum(EXPERIMENT_STATUSES),
      to: z.enum(EXPERIMENT_STATUSES),
      at: z.number(),
      by: z.string().optional(),
      reason: z.string(),
    }),
  ),
})

/**
 * Checks a stored text and returns its value unchanged. The schema's copy would lack fields that a newer release wrote,
 * and a snapshot without them no longer matches its signature.
 */
function read<T>(schema: z.ZodType<T>, what: string, body: string): T {
  const value: unknown = JSON.parse(body)
  assertMatches(schema, what, value)
  return value
}

function assertMatches<T>(schema: z.ZodType<T>, what: string, value: unknown): asserts value is T {
  const { error } = schema.safeParse(value)
  if (error !== undefined) throw new Error(`the stored ${what} cannot be read: ${z.prettifyError(error)}`)
}

export function readExperiment(body: string): Experiment {
  const stored = read(experimentSchema, 'experiment', body)
  return {
    ...stored,
    createdBy: stored.createdBy ?? UNKNOWN_AUTHOR,
    history: stored.history.map((change) => ({ ...change, by: change.by ?? UNKNOWN_AUTHOR })),
  }
}
export function readSnapshot(body: string): AssignmentSnapshot {
  return read(assignmentSnapshotSchema, 'snapshot', body)
}

/** An event as releases stored it that kept each by itself. */
export function readEvent(body: string): StoredEvent {
  const stored: unknown = JSON.parse(body)
  const { value, ...rest } = z.looseObject({ value: storedValueSchema }).parse(stored)
  assertMatches(ingestEventSchema, 'event', rest)
  return rest.kind === 'interaction' ? { ...rest, value } : rest
}

/** Releases before exact values stored the number. One that is out of range now is not a value that can be summed. */
const storedValueSchema = z
  .union([z.string().transform(BigInt), z.number(), z.null()])
  .optional()
  .transform((value) => {
    if (typeof value !== 'number') return value ?? null
    return Math.abs(value) <= MAX_EVENT_VALUE ? exactValue(value) : null
  })
