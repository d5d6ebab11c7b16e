import type { EventBatch, IngestEvent } from '@bulkhead/contracts'
import type { DeadLetter } from '../datastore/port.ts'
import type { ExperimentationClient, Unavailable } from './experimentation-client.ts'

const MAX_LETTER_MESSAGE = 500
/** Time alone heals it: the clock of the receiver is behind. */
const TOO_EARLY_CODE = 'EVENT_FROM_FUTURE'
const LETTER_CODE = /^[A-Z][A-Z0-9_]{0,63}$/

export type DeliveryOutcome = {
  /** Durable at the receiver. */
  readonly accepted: number
  /** Refused for good; to be kept before they leave the outbox. */
  readonly letters: readonly DeadLetter[]
  /** The receiver takes them later: by its clock they have not happened yet. */
  readonly tooEarly: readonly IngestEvent[]
  /** Nothing is known of these. */
  readonly unsettled: readonly IngestEvent[]
  /** Why there are unsettled ones; null where there are none. */
  readonly outage: Unavailable | null
}

/**
 * Delivers one batch. A batch that is refused as a whole is split in halves until the events that it was refused for
 * stand alone; only they become dead letters. An outage never makes one.
 */
export async function deliverEvents(
  batch: EventBatch,
  deps: {
    readonly client: Pick<ExperimentationClient, 'sendEvents'>
    readonly signal: AbortSignal
    /** False once there is no time left for another request. */
    readonly mayGoOn: () => boolean
    readonly now: () => number
  },
): Promise<DeliveryOutcome> {
  const { client, signal, mayGoOn, now } = deps
  const letters: DeadLetter[] = []
  const tooEarly: IngestEvent[] = []
  let accepted = 0
  const parts: IngestEvent[][] = [batch.events]

  function deadLetter(event: IngestEvent, code: string, message: string): void {
    letters.push({
      event,
      code: LETTER_CODE.test(code) ? code : 'UNKNOWN_CODE',
      message: message.slice(0, MAX_LETTER_MESSAGE).toWellFormed(),
      at: now(),
    })
  }

  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const left = () => [part ?? [], ...parts.toReversed()].flat()
    if (signal.aborted || !mayGoOn()) {
      return { accepted, letters, tooEarly, unsettled: left(), outage: STOPPED }
    }
    const answer = await client.sendEvents({ producer: batch.producer, events: part }, signal)
    switch (answer.type) {
      case 'unavailable':
        return { accepted, letters, tooEarly, unsettled: left(), outage: answer }
      case 'received':
        accepted += part.length - answer.rejected.length
        for (const { index, code, message } of answer.rejected) {
          const event = part[index]
          if (event === undefined) continue
          if (code === TOO_EARLY_CODE) tooEarly.push(event)
          else deadLetter(event, code, message)
        }
        break
      case 'refused': {
        const [only] = part
        if (part.length === 1 && only !== undefined) deadLetter(only, answer.code, answer.message)
        else {
          const half = Math.ceil(part.length / 2)
          parts.push(part.slice(half), part.slice(0, half))
        }
      }
    }
  }
  return { accepted, letters, tooEarly, unsettled: [], outage: null }
}

const STOPPED: Unavailable = { type: 'unavailable', reason: 'STOPPED', retryAfterMs: null }
