import { z } from 'zod'
import type { ErasedInstants, ErasureProgress, UnitErasure } from '../domain/erasure.ts'
import type { IncomingEvent } from './port.ts'

const progressSchema: z.ZodType<ErasureProgress> = z.discriminatedUnion('place', [
  z.object({ place: z.enum(['events', 'rejections']), after: z.string().nullable() }),
  z.object({ place: z.literal('counts'), head: z.int() }),
])

/** The progress of an erasure that is new, as it is stored. */
export const START = JSON.stringify({ place: 'events', after: null } satisfies ErasureProgress)

/** @param row.progress JSON text */
export function readErasure(row: Omit<UnitErasure, 'progress'> & { readonly progress: string }): UnitErasure {
  return { ...row, progress: progressSchema.parse(JSON.parse(row.progress)) }
}

export function erasedInstants(erasures: readonly UnitErasure[]): ErasedInstants {
  return new Map(erasures.map(({ unit, occurredAt }) => [unit, occurredAt]))
}

/** The erasures among events, and the others, which are stored in blocks. */
export function splitErasures(incoming: readonly IncomingEvent[]): {
  readonly erasures: readonly Omit<UnitErasure, 'progress'>[]
  readonly events: readonly IncomingEvent[]
} {
  return {
    erasures: incoming.flatMap(({ event, occurredAt, recordedAt }) =>
      event.kind === 'unitErased' ? [{ unit: event.unit, occurredAt, recordedAt }] : [],
    ),
    events: incoming.filter(({ event }) => event.kind !== 'unitErased'),
  }
}

/** Null for an event that is about nobody. */
export function unitOf({ event }: IncomingEvent): string | null {
  return 'unit' in event ? event.unit : null
}
