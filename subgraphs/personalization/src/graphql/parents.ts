import type { Connection, CountedConnection } from '@bulkhead/service/graphql/pagination'
import type { Item } from '../domain/item.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import type { SlateItem } from '../domain/slate.ts'

/** Any id is a user: this subgraph keeps what they did, not who they are. */
export type UserParent = { readonly id: string }

/** A position of a slate; the item itself is loaded only if the query selects it. */
export type RecommendedItemParent = {
  readonly cursor: string
  /** From 1. */
  readonly rank: number
  readonly item: SlateItem
}

export type RecommendedItemConnectionParent = {
  readonly edges: readonly RecommendedItemParent[]
  readonly pageInfo: Connection<{ node: unknown }>['pageInfo']
  readonly totalCount: number
}

export type ItemConnectionParent = CountedConnection<{ readonly cursor: string; readonly node: Item }>

export type ModelVersionConnectionParent = CountedConnection<{
  readonly cursor: string
  readonly node: ModelVersion
}>
