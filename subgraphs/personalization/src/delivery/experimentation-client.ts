import {
  type EventBatch,
  type EventBatchResult,
  eventBatchResultSchema,
  MAX_SNAPSHOT_BYTES,
} from '@bulkhead/contracts'
import { withDeadline } from '@bulkhead/service/deadline'
import { parseJson } from '@bulkhead/service/json'
import { readBounded } from '@bulkhead/service/read-bounded'
import { context, propagation } from '@opentelemetry/api'
import { Agent, type Dispatcher, errors, request } from 'undici'
import { z } from 'zod'

/** Upper bound on an answer that is no snapshot, octets. */
const MAX_ANSWER_BYTES = 1024 * 1024
/** Upper bound on the pause that a receiver may ask for: whatever it says, it is tried again after this. */
const MAX_RETRY_AFTER_MS = 300_000
/** One for events, one for heartbeats, one for snapshots, and one that may still be closing. */
const CONNECTIONS = 4

/** How ingest, and the HTTP server that it runs on, refuse a body for good. */
const refusalSchema = z.object({
  error: z.object({
    code: z.enum(['MALFORMED_BATCH', 'BAD_REQUEST', 'PAYLOAD_TOO_LARGE']),
    message: z.string(),
  }),
})

/** No usable answer: an outage, a credential that is refused, or an answer that cannot be read. */
export type Unavailable = {
  readonly type: 'unavailable'
  /** `NETWORK`, `TIMEOUT`, `STOPPED`, `MALFORMED_ANSWER`, `ANSWER_TOO_LARGE` or `HTTP_` and the status. */
  readonly reason: string
  /** How long the receiver asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null
}

type SnapshotAnswer =
  | { readonly type: 'unchanged' }
  /** As it came over the wire, not verified. */
  | { readonly type: 'snapshot'; readonly raw: unknown; readonly etag: string | null }
  | Unavailable

export type DeliveryAnswer =
  /** Durable at the receiver, but for the rejected ones; indexes are in range and distinct. */
  | { readonly type: 'received'; readonly rejected: EventBatchResult['rejected'] }
  /** The receiver cannot take this batch as a whole, now or later. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | Unavailable

/** Experimentation over HTTP. The only module that calls it, and no request waits for it. No method rejects. */
export type ExperimentationClient = {
  /** @param query.etag of the snapshot that is held; `unchanged` where that is still the newest */
  fetchSnapshot(query: {
    readonly etag: string | null
    readonly signal: AbortSignal
  }): Promise<SnapshotAnswer>
  sendEvents(batch: EventBatch, signal: AbortSignal): Promise<DeliveryAnswer>
  close(): Promise<void>
}

type Answer = {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: string
}

/** @param options.timeoutMs from the first octet sent to the last one read, milliseconds */
export function createExperimentationClient(options: {
  readonly url: string
  readonly eventsToken: string
  readonly snapshotToken: string
  readonly timeoutMs: number
}): ExperimentationClient {
  const { url, timeoutMs } = options
  const agent = new Agent({ connections: CONNECTIONS, connect: { timeout: timeoutMs } })

  async function exchange(
    path: string,
    init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string },
    limits: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<Answer | Unavailable> {
    try {
      return await withDeadline<Answer | Unavailable>(
        async (signal) => {
          const headers = { ...init.headers }
          propagation.inject(context.active(), headers)
          const response = await request(`${url}${path}`, { ...init, headers, dispatcher: agent, signal })
          const body = await readBounded(response.body, limits.maxBytes)
          if (body === null) return unavailable('ANSWER_TOO_LARGE')
          return { status: response.statusCode, headers: response.headers, body }
        },
        timeoutMs,
        () => unavailable('TIMEOUT'),
        limits.signal,
      )
    } catch (error) {
      if (limits.signal.aborted) return unavailable('STOPPED')
      return unavailable(error instanceof errors.ConnectTimeoutError ? 'TIMEOUT' : 'NETWORK')
    }
  }

  return {
    async fetchSnapshot({ etag, signal }) {
      const answer = await exchange(
        '/v1/snapshot',
        {
          method: 'GET',
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${options.snapshotToken}`,
            ...(etag === null ? {} : { 'if-none-match': etag }),
          },
        },
        { maxBytes: MAX_SNAPSHOT_BYTES, signal },
      )
      if ('type' in answer) return answer
      if (answer.status === 304 && etag !== null) return { type: 'unchanged' }
      if (answer.status !== 200) return unavailableStatus(answer)
      const parsed = parseJson(answer.body)
      if (parsed === undefined) return unavailable('MALFORMED_ANSWER')
      return { type: 'snapshot', raw: parsed, etag: header(answer, 'etag') }
    },

    async sendEvents(batch, signal) {
      const answer = await exchange(
        '/v1/events',
        {
          method: 'POST',
          headers: {
            accept: 'application/json',
            'content-type': 'application/json',
            authorization: `Bearer ${options.eventsToken}`,
          },
          body: JSON.stringify(batch),
        },
        { maxBytes: MAX_ANSWER_BYTES, signal },
      )
      if ('type' in answer) return answer
      if (answer.status !== 200) return refusal(answer) ?? unavailableStatus(answer)
      return receipt(answer.body, batch.events.length) ?? unavailable('MALFORMED_ANSWER')
    },

    close: () => agent.destroy(),
  }
}

/**
 * Null where it is not ingest that refuses the batch. A misconfigured proxy answers 400 and 413 too, to every batch:
 * that is an outage, and ends when the proxy is corrected.
 */
function refusal({ status, body }: Answer): DeliveryAnswer | null {
  if (status !== 400 && status !== 413) return null
  const parsed = refusalSchema.safeParse(parseJson(body))
  return parsed.success ? { type: 'refused', ...parsed.data.error } : null
}

/** Null where the receipt does not account for every event: then it acknowledges none of them. */
function receipt(body: string, sent: number): DeliveryAnswer | null {
  const parsed = eventBatchResultSchema.safeParse(parseJson(body))
  if (!parsed.success) return null
  const { accepted, rejected } = parsed.data
  const indexes = new Set(rejected.map((one) => one.index))
  const accountedFor = accepted + rejected.length === sent && indexes.size === rejected.length
  if (!accountedFor || rejected.some((one) => one.index >= sent)) return null
  return { type: 'received', rejected }
}

function unavailable(reason: string, retryAfterMs: number | null = null): Unavailable {
  return { type: 'unavailable', reason, retryAfterMs }
}

function unavailableStatus(answer: Answer): Unavailable {
  const seconds = header(answer, 'retry-after')
  // The other form of the header, a date, would trust the receiver's clock.
  const known = seconds !== null && /^\d+$/.test(seconds)
  return unavailable(
    `HTTP_${answer.status}`,
    known ? Math.min(Number(seconds) * 1_000, MAX_RETRY_AFTER_MS) : null,
  )
}

function header(answer: Answer, name: string): string | null {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : null
}
