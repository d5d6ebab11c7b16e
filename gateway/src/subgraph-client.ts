import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { Pool } from 'undici'

export type SubgraphResponse = {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly unknown[]
}

/** What a fetch came to. `detail` is for the log: it may name hosts, and never reaches a client. */
export type SubgraphOutcome =
  | { readonly type: 'answered'; readonly response: SubgraphResponse }
  | { readonly type: 'deadline' }
  | { readonly type: 'unavailable'; readonly detail: string }
  | { readonly type: 'invalid'; readonly detail: string }

export type SubgraphClient = {
  /** Posts one operation. Never rejects and never takes longer than the deadline. */
  fetch(request: {
    readonly query: string
    readonly variables: Readonly<Record<string, unknown>> | undefined
    readonly operationName: string | undefined
    readonly requestId: string
    readonly deadlineMs: number
  }): Promise<SubgraphOutcome>
  close(): Promise<void>
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024
const MAX_CONNECTIONS = 64

class ResponseTooLargeError extends Error {}

const readBounded = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MAX_RESPONSE_BYTES)
      throw new ResponseTooLargeError(`answer is over ${MAX_RESPONSE_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const parseResponse = (text: string): SubgraphResponse | null => {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
    const data = 'data' in value ? value.data : undefined
    const errors = 'errors' in value ? value.errors : undefined
    const dataIsSound =
      data === undefined || data === null || (typeof data === 'object' && !Array.isArray(data))
    if (!dataIsSound || (errors !== undefined && !Array.isArray(errors))) return null
    if (data === undefined && errors === undefined) return null
    return {
      ...(data === undefined ? {} : { data: data as Record<string, unknown> | null }),
      ...(errors === undefined ? {} : { errors }),
    }
  } catch {
    return null
  }
}

/** One pooled connection set a subgraph, so that a frozen subgraph can only exhaust its own. */
export const createSubgraphClient = (options: {
  readonly url: string
  readonly secret: string
}): SubgraphClient => {
  const { origin, pathname, search } = new URL(options.url)
  const pool = new Pool(origin, { connections: MAX_CONNECTIONS, pipelining: 1 })
  return {
    fetch: async ({ query, variables, operationName, requestId, deadlineMs }) => {
      const signal = AbortSignal.timeout(deadlineMs)
      try {
        const response = await pool.request({
          method: 'POST',
          path: pathname + search,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'x-request-id': requestId,
            [GATEWAY_SECRET_HEADER]: options.secret,
          },
          body: JSON.stringify({ query, variables, operationName }),
          signal,
        })
        const text = await readBounded(response.body)
        if (response.statusCode >= 500 || response.statusCode === 401) {
          return { type: 'unavailable', detail: `HTTP ${response.statusCode}` }
        }
        const parsed = parseResponse(text)
        if (parsed) return { type: 'answered', response: parsed }
        return { type: 'invalid', detail: `HTTP ${response.statusCode} without a GraphQL answer` }
      } catch (error) {
        if (signal.aborted) return { type: 'deadline' }
        const detail = error instanceof Error ? error.message : String(error)
        return { type: error instanceof ResponseTooLargeError ? 'invalid' : 'unavailable', detail }
      }
    },
    close: () => pool.close(),
  }
}
