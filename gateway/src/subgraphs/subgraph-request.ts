import type { Caller } from '../identity/caller.ts'
import type { Cancellation } from './cancellation.ts'

/**
 * Gets the body of an answer before it is parsed, as valid UTF-8 that is there until this returns. True where it has taken what it
 * needs, so that nobody has to parse it.
 */
export type TakeAnswer = (bytes: Buffer) => boolean

export type SubgraphRequest = {
  /** The JSON of query, operationName and variables, as it is posted. */
  readonly body: string
  readonly requestId: string
  readonly deadlineMs: number
  /** A query without `effect` fields: it may be retried, and may share the answer of an identical one in flight. */
  readonly effectFree: boolean
  /** Only requests of the same caller share an answer. Null: anonymous. */
  readonly caller: Caller | null
  /** Names and values, in turn, of the headers that carry the trace. Of requests that share an answer, the first one's. */
  readonly trace?: readonly string[]
  /** Cancelled when the client has gone; null for a client that never goes. */
  readonly cancellation: Cancellation | null
  /** Null where the answer is parsed in any case. */
  readonly take: TakeAnswer | null
}
