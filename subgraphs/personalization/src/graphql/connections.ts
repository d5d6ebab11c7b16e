import { decodeCursor, encodeCursor, parsePage, toConnection } from '@bulkhead/service/graphql/pagination'
import { z } from 'zod'
import type { InteractionPage, ItemPage, ModelVersionPage } from '../datastore/port.ts'
import { MAX_SLATE_SIZE } from '../domain/pipeline/query.ts'
import type { Slate } from '../domain/slate.ts'
import type { Reader } from '../services/reader.ts'
import { parseItemFilter, parseModelVersionFilter } from './arguments.ts'
import type { RecommendedItemConnectionParent } from './parents.ts'
import type {
  QueryItemsArgs,
  QueryModelVersionsArgs,
  RecommendationSlateItemsArgs,
  UserInteractionsArgs,
} from './resolver-types.generated.ts'

type Paged<Args> = Omit<Args, 'first'> & { readonly first?: number | null }

/** Upper bound on the nodes of a page; the schema's descriptions repeat it. */
const MAX_PAGE = 100
const MAX_IDENTIFIER = 256

const idPosition = z.tuple([z.string().max(MAX_IDENTIFIER)])
const timedPosition = z.tuple([z.int(), z.string().max(MAX_IDENTIFIER)])
const rankPosition = z.tuple([z.int().min(1)])

/** Items in the order of their ids. Throws BAD_USER_INPUT for arguments out of range, as all of these do. */
export async function itemConnection(
  args: Paged<QueryItemsArgs>,
  reader: Pick<Reader, 'findItems' | 'countItems'>,
) {
  const { first, after } = parsePage(args, { max: MAX_PAGE })
  const position = after === undefined ? null : decodeCursor('item', after, idPosition)[0]
  const filter = parseItemFilter(args.filter)
  const page: ItemPage = await reader.findItems({ filter, limit: first, after: position })
  const edges = page.items.map((node) => ({ cursor: encodeCursor('item', [node.id]), node }))
  return toConnection(edges, {
    hasNextPage: page.hasMore,
    hasPreviousPage: position !== null,
    count: () => reader.countItems(filter),
  })
}

/** A user's interactions, newest first. */
export async function interactionConnection(
  userId: string,
  args: Paged<UserInteractionsArgs>,
  reader: Pick<Reader, 'findInteractions'>,
) {
  const { first, after } = parsePage(args, { max: MAX_PAGE })
  const position = after === undefined ? null : decodeCursor('interaction', after, timedPosition)
  const page: InteractionPage = await reader.findInteractions({
    userId,
    limit: first,
    after: position === null ? null : { occurredAt: position[0], eventId: position[1] },
  })
  const edges = page.interactions.map((node) => ({
    cursor: encodeCursor('interaction', [node.occurredAt, node.eventId]),
    node,
  }))
  return toConnection(edges, { hasNextPage: page.hasMore, hasPreviousPage: position !== null })
}

/** Model versions, newest first. */
export async function modelVersionConnection(
  args: Paged<QueryModelVersionsArgs>,
  reader: Pick<Reader, 'findModelVersions' | 'countModelVersions'>,
) {
  const { first, after } = parsePage(args, { max: MAX_PAGE })
  const position = after === undefined ? null : decodeCursor('model-version', after, timedPosition)
  const filter = parseModelVersionFilter(args.filter)
  const page: ModelVersionPage = await reader.findModelVersions({
    filter,
    limit: first,
    after: position === null ? null : { createdAt: position[0], id: position[1] },
  })
  const edges = page.versions.map((node) => ({
    cursor: encodeCursor('model-version', [node.createdAt, node.id]),
    node,
  }))
  return toConnection(edges, {
    hasNextPage: page.hasMore,
    hasPreviousPage: position !== null,
    count: () => reader.countModelVersions(filter),
  })
}

/** A slate never changes, so its cursors are ranks, and pages of it are stable. All of it, unless `first` asks for less. */
export function slateItemConnection(
  slate: Slate,
  args: Paged<RecommendationSlateItemsArgs>,
): RecommendedItemConnectionParent {
  const { first, after } = parsePage(args, { max: MAX_SLATE_SIZE })
  const start = after === undefined ? 0 : decodeCursor('slate-item', after, rankPosition)[0]
  const edges = slate.items.slice(start, start + first).map((item, offset) => {
    const rank = start + offset + 1
    return { cursor: encodeCursor('slate-item', [rank]), rank, item }
  })
  return {
    edges,
    pageInfo: {
      hasNextPage: start + first < slate.items.length,
      hasPreviousPage: start > 0 && slate.items.length > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: slate.items.length,
  }
}
