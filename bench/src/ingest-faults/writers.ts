import { setTimeout as sleep } from 'node:timers/promises'
import {
  derivedEventId,
  type EventBatchResult,
  eventBatchResultSchema,
  type IngestEvent,
} from '@bulkhead/contracts'

const BATCH = 20
/** Each so many batches a writer also says how far it has delivered. */
const BATCHES_PER_HEARTBEAT = 5
const REQUEST_TIMEOUT_MS = 30_000
const RETRY_PAUSE_MS = 100

/** What all writers know together. */
export type Acknowledged = {
  /** Ids of events, in the order of their acknowledgements, whichever writer sent them. */
  readonly ids: string[]
  /** For each heartbeat that was acknowledged: how many of `ids` had been when it was first sent. */
  readonly vouchedFor: Map<string, number>
  /** Answers that no fault of a datastore explains. */
  readonly problems: string[]
  retries: number
}

/** Sends batches to one replica of ingest, each until it is acknowledged, as an outbox does. Ends after `signal`. */
export async function write(options: {
  readonly name: string
  readonly url: string
  readonly token: string
  readonly acknowledged: Acknowledged
  readonly signal: AbortSignal
}): Promise<void> {
  const { name, acknowledged, signal } = options
  for (let batch = 1; !signal.aborted; batch++) {
    const events = Array.from({ length: BATCH }, (_, index) => interaction(name, batch * BATCH + index))
    await deliver(events, options)
    acknowledged.ids.push(...events.map(({ eventId }) => eventId))
    if (batch % BATCHES_PER_HEARTBEAT !== 0) continue
    const heartbeat = heartbeatOf(name, batch / BATCHES_PER_HEARTBEAT)
    const before = acknowledged.ids.length
    await deliver([heartbeat], options)
    acknowledged.vouchedFor.set(heartbeat.eventId, before)
  }
}

async function deliver(events: readonly IngestEvent[], options: Parameters<typeof write>[0]): Promise<void> {
  const { name, url, token, acknowledged } = options
  for (;;) {
    const answer = await post(url, token, JSON.stringify({ producer: name, events }))
    if (answer.type === 'acknowledged') {
      const { accepted, rejected } = answer.result
      if (accepted === events.length) return
      acknowledged.problems.push(`${name}: ${rejected[0]?.code} for an event that is right`)
      return
    }
    if (answer.type === 'unexpected') acknowledged.problems.push(`${name}: ${answer.what}`)
    acknowledged.retries += 1
    await sleep(RETRY_PAUSE_MS)
  }
}

type Answer =
  | { readonly type: 'acknowledged'; readonly result: EventBatchResult }
  | { readonly type: 'later' }
  | { readonly type: 'unexpected'; readonly what: string }

async function post(url: string, token: string, body: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const text = await response.text()
    if (response.status === 200)
      return { type: 'acknowledged', result: eventBatchResultSchema.parse(JSON.parse(text)) }
    if (response.status === 429 || response.status === 503) return { type: 'later' }
    return { type: 'unexpected', what: `HTTP ${response.status} ${text.slice(0, 200)}` }
  } catch (error) {
    return { type: 'unexpected', what: error instanceof Error ? error.message : String(error) }
  }
}

function interaction(name: string, number: number): IngestEvent {
  return {
    kind: 'interaction',
    eventId: `${name}-${number}-of-the-bench`,
    type: 'PLAY',
    unit: `unit-${number % 1_000}`,
    itemId: `item-${number % 100}`,
    slateId: null,
    value: number,
    occurredAt: new Date().toISOString(),
  }
}

function heartbeatOf(producer: string, sequence: number): IngestEvent {
  const now = new Date().toISOString()
  return {
    kind: 'heartbeat',
    eventId: derivedEventId('heartbeat', producer, String(sequence)),
    producer,
    outbox: 'bench',
    sequence,
    deliveredThrough: now,
    served: [],
    dropped: 0,
    uncounted: 0,
    occurredAt: now,
  }
}
