import type { EventBatchResult, EventKind, IngestEvent } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { DeadLetter } from '../datastore/port.ts'
import type { ClaimedEvent } from '../domain/pack-events.ts'
import type { ExperimentationClient, Unavailable } from './experimentation-client.ts'

const MAX_LETTER_MESSAGE = 500
/** The receiver's clock is behind ours. */
const TOO_EARLY_CODE = 'EVENT_FROM_FUTURE'
/** The kinds that every release of the receiver knows. */
const FIRST_KINDS: readonly EventKind[] = ['exposure', 'interaction', 'heartbeat']
const LETTER_CODE = /^[A-Z][A-Z0-9_]{0,63}$/
const STOPPED: Unavailable = { type: 'unavailable', reason: 'STOPPED', retryAfterMs: null }

/** Why a batch was not delivered in full: an outage, the stop, or no time left for a request. */
export type Interruption = {
  readonly cause: Unavailable
  /** Not sent, or sent without an answer. */
  readonly unsettled: readonly ClaimedEvent[]
}

/** Each event of the batch is in exactly one of `settled`, `postponed` and `interruption.unsettled`. */
export type DeliveryOutcome = {
  /** Acknowledged by the receiver, or refused for good and then in `letters` too. */
  readonly settled: readonly ClaimedEvent[]
  /** Refused for good; to be kept before their entries leave the outbox. */
  readonly letters: readonly DeadLetter[]
  /** The receiver may take them later: by its clock they have not happened yet, or a newer release knows their kind. */
  readonly postponed: readonly ClaimedEvent[]
  readonly interruption: Interruption | null
}

/**
 * Delivers one batch. A batch that is refused as a whole is split in halves until the events that it was refused for
 * stand alone; only they become dead letters. An outage never makes one.
 */
export async function deliverEvents(
  batch: readonly ClaimedEvent[],
  options: {
    readonly producer: string
    readonly client: Pick<ExperimentationClient, 'sendEvents'>
    readonly clock: Clock
    readonly signal: AbortSignal
    /** False once there is no time left for another request. */
    readonly hasTime: () => boolean
  },
): Promise<DeliveryOutcome> {
  const { producer, client, clock, signal, hasTime } = options
  const settled: ClaimedEvent[] = []
  const letters: DeadLetter[] = []
  const postponed: ClaimedEvent[] = []
  /** The next part to send is the last. */
  const parts = [batch]

  function refuse(claimed: ClaimedEvent, code: string, message: string): void {
    settled.push(claimed)
    letters.push(deadLetter(claimed.event, code, message, clock.now()))
  }

  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const answer =
      signal.aborted || !hasTime()
        ? STOPPED
        : await client.sendEvents({ producer, events: part.map(({ event }) => event) }, signal)
    if (answer.type === 'unavailable') {
      const unsettled = [part, ...parts.toReversed()].flat()
      return { settled, letters, postponed, interruption: { cause: answer, unsettled } }
    }
    if (answer.type === 'received') {
      const rejections = new Map(answer.rejected.map((rejection) => [rejection.index, rejection]))
      for (const [index, claimed] of part.entries()) {
        const rejection = rejections.get(index)
        if (rejection === undefined) settled.push(claimed)
        else if (mayBeTakenLater(claimed.event, rejection)) postponed.push(claimed)
        else refuse(claimed, rejection.code, rejection.message)
      }
      continue
    }
    const [only] = part
    if (part.length === 1 && only !== undefined) refuse(only, answer.code, answer.message)
    else {
      const half = Math.ceil(part.length / 2)
      parts.push(part.slice(half), part.slice(0, half))
    }
  }
  return { settled, letters, postponed, interruption: null }
}

/**
 * Whether the receiver may take a rejected event later. A receiver of an earlier release does not say so: it calls the
 * kinds that it does not know malformed.
 */
function mayBeTakenLater(
  { kind }: IngestEvent,
  { retryable, code }: EventBatchResult['rejected'][number],
): boolean {
  if (retryable !== undefined) return retryable
  return code === TOO_EARLY_CODE || !FIRST_KINDS.includes(kind)
}

/** The receiver's own words, in a form that can be stored and counted. */
function deadLetter(event: IngestEvent, code: string, message: string, at: number): DeadLetter {
  return {
    event,
    code: LETTER_CODE.test(code) ? code : 'UNKNOWN_CODE',
    message: message.slice(0, MAX_LETTER_MESSAGE).toWellFormed(),
    at,
  }
}
