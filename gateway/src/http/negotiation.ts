import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

export type AcceptedAnswer = {
  /** For an answer in one piece; null where the client takes none that there is. */
  readonly contentType: string | null
  /** Whether the client takes deferred parts one by one. */
  readonly parts: boolean
}

export const JSON_TYPE = 'application/json; charset=utf-8'
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8'
const PARTS_TYPE = 'multipart/mixed; deferSpec=20220824'
/** Clients send the same few headers with each request. */
const MAX_KNOWN = 100

const known = new LRUCache<string, AcceptedAnswer>({ max: MAX_KNOWN })

/** Which forms of an answer a client takes, by its `accept` header. */
export function acceptedAnswer(accept: string | undefined): AcceptedAnswer {
  if (accept === undefined) return { contentType: JSON_TYPE, parts: false }
  let answer = known.get(accept)
  if (!answer) {
    const negotiator = new Negotiator({ headers: { accept } })
    // `*/*` takes everything, but only a client that names the format can read it.
    const parts = accept.includes('deferSpec') && negotiator.mediaType([PARTS_TYPE]) !== undefined
    const contentType = negotiator.mediaType([JSON_TYPE, GRAPHQL_TYPE]) ?? (parts ? JSON_TYPE : null)
    answer = { contentType, parts }
    known.set(accept, answer)
  }
  return answer
}
