import type { z } from 'zod'
import { COMMON_ERRORS, serviceError } from '../errors.ts'
import { parseJson } from '../json.ts'

/** An opaque cursor. What it holds may change with a release, so clients send back only what they got. */
export function encodeCursor(kind: string, value: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([kind, ...value])).toString('base64url')
}

/** Characters. Fits the longest identifiers, escaped in JSON and then encoded as base64url. */
const MAX_CURSOR_LENGTH = 8_192

/**
 * Reads a cursor of a kind.
 * @param schema of the encoded array
 * @throws ServiceError BAD_USER_INPUT for anything that `encodeCursor(kind, …)` did not make
 */
export function decodeCursor<T>(kind: string, cursor: string, schema: z.ZodType<T>): T {
  const refusal = () =>
    serviceError(
      COMMON_ERRORS.BAD_USER_INPUT,
      '`after` is not a cursor of this list: pass an `endCursor` or an edge’s `cursor` exactly as it was returned.',
    )
  if (cursor.length > MAX_CURSOR_LENGTH || !/^[\w-]+$/.test(cursor)) throw refusal()
  const decoded = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (!Array.isArray(decoded) || decoded[0] !== kind) throw refusal()
  const parsed = schema.safeParse(decoded.slice(1))
  if (!parsed.success) throw refusal()
  return parsed.data
}

type Page = { first: number; after?: string }

/**
 * Reads the arguments of a connection.
 * @param limits.max upper bound on `first`
 * @param limits.fallback stands for a `first` that is absent or null; `max` by default
 * @throws ServiceError BAD_USER_INPUT for a `first` below 0 or above `max`
 */
export function parsePage(
  args: { first?: number | null | undefined; after?: string | null | undefined },
  limits: { max: number; fallback?: number },
): Page {
  const first = args.first ?? limits.fallback ?? limits.max
  if (!Number.isInteger(first) || first < 0 || first > limits.max) {
    throw serviceError(
      COMMON_ERRORS.BAD_USER_INPUT,
      `\`first\` is ${first}: ask for 0 to ${limits.max} and page with \`after\`.`,
    )
  }
  return args.after === undefined || args.after === null ? { first } : { first, after: args.after }
}

type PageInfo = {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

export type Connection<Edge extends { node: unknown }> = {
  edges: Edge[]
  nodes: Edge['node'][]
  pageInfo: PageInfo
}

/** A connection of a list that can be counted; GraphQL calls `totalCount` where a client selects it. */
export type CountedConnection<Edge extends { node: unknown }> = Connection<Edge> & {
  totalCount(): Promise<number>
}

type PageFacts = { hasNextPage: boolean; hasPreviousPage: boolean }

/**
 * A connection as the SDL has it. Edges may carry more than cursor and node.
 * @param page.count counts the whole list; called once, and only if a client asks for `totalCount`
 */
export function toConnection<Edge extends { cursor: string; node: unknown }>(
  edges: readonly Edge[],
  page: PageFacts & { count?: undefined },
): Connection<Edge>
export function toConnection<Edge extends { cursor: string; node: unknown }>(
  edges: readonly Edge[],
  page: PageFacts & { count: () => Promise<number> },
): CountedConnection<Edge>
export function toConnection<Edge extends { cursor: string; node: unknown }>(
  edges: readonly Edge[],
  { hasNextPage, hasPreviousPage, count }: PageFacts & { count?: (() => Promise<number>) | undefined },
): Connection<Edge> | CountedConnection<Edge> {
  const connection = {
    edges: [...edges],
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
  if (count === undefined) return connection
  let counted: Promise<number> | undefined
  // Under aliases a client can select one field many times.
  return { ...connection, totalCount: () => (counted ??= count()) }
}
