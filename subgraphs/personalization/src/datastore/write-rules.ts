import type { IngestEvent } from '@bulkhead/contracts'
import type { StageMove } from '../domain/model-path/stage-move.ts'
import { wasTakenOut } from '../domain/model-path/switch-off.ts'
import type { ModelVersion } from '../domain/model-version.ts'

/** What both adapters compute, so that they store and answer the same. */

/** `dueAt` of an entry that was never claimed: due at once, whatever the clocks of its events' producers say. */
export const DUE_AT_ONCE = 0

export type PendingEvents = {
  /** JSON text: keys of attributes may be anything, `$` and `.` included, and must come back as they were. */
  readonly events: string
  /** The smallest `occurredAt`, epoch milliseconds. */
  readonly oldest: number
}

/**
 * What the outbox stores for these events; null for no events.
 *
 * @throws RangeError for an event without a valid instant, before it is part of a batch, which it would make fail as
 *   a whole
 */
export function pendingEvents(events: readonly IngestEvent[]): PendingEvents | null {
  if (events.length === 0) return null
  let oldest = Number.POSITIVE_INFINITY
  for (const event of events) oldest = Math.min(oldest, Date.parse(event.occurredAt))
  if (Number.isNaN(oldest)) throw new RangeError('an event has no valid occurredAt')
  return { events: JSON.stringify(events), oldest }
}

/** What a dead letter is erased with. Null for what is about nobody, and for erasures, which have to be carried out. */
export function unitOfLetter(event: IngestEvent): string | null {
  return 'unit' in event && event.kind !== 'unitErased' ? event.unit : null
}

/** The upload of a version whose artefact has expired: none has this id. */
export const EXPIRED_UPLOAD = ''

/** Whether it became RETIRED before this instant. */
export function isRetiredBefore({ stage, stageHistory }: ModelVersion, before: number): boolean {
  const at = stageHistory.at(-1)?.at
  return stage === 'RETIRED' && at !== undefined && at < before
}

/**
 * Those that were in PRODUCTION, the last to leave it first; without those that a rollback or a guardrail took out.
 * @param retired versions in stage RETIRED
 */
export function formerlyInProduction(retired: readonly ModelVersion[], limit: number): ModelVersion[] {
  return retired
    .filter((version) => !wasTakenOut(version))
    .map((version) => ({
      version,
      leftAt: version.stageHistory.findLast(({ from }) => from === 'PRODUCTION')?.at,
    }))
    .filter((one): one is { version: ModelVersion; leftAt: number } => one.leftAt !== undefined)
    .sort(
      (a, b) =>
        b.leftAt - a.leftAt ||
        b.version.createdAt - a.version.createdAt ||
        (a.version.id < b.version.id ? 1 : -1),
    )
    .slice(0, limit)
    .map(({ version }) => version)
}

/** The first of the rows with the same id counts: those after it are known then. */
export function firstById<Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] {
  return lastById(rows.toReversed()).toReversed()
}

/** The last of the rows with the same id counts, as if they had been written one after the other. */
export function lastById<Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}

/** @throws RangeError for a version that would be in PRODUCTION without a move there: invariant 5 */
export function assertNotInProduction({ id, stage }: Pick<ModelVersion, 'id' | 'stage'>): void {
  if (stage === 'PRODUCTION') throw new RangeError(`${id} cannot be saved in PRODUCTION: move it there`)
}

/** A version after a move. */
export function afterMove(version: ModelVersion, { change }: StageMove): ModelVersion {
  return { ...version, stage: change.to, stageHistory: [...version.stageHistory, change] }
}
