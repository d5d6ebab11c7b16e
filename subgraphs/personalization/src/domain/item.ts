import type { JsonObject } from '@bulkhead/contracts'

export type Item = {
  readonly id: string
  readonly title: string
  /** Artist, author, seller: what diversity groups by. */
  readonly creator: string | null
  readonly categories: readonly string[]
  readonly available: boolean
  /** Epoch milliseconds, like every time in the domain. */
  readonly createdAt: number
  /** Whatever else the catalogue holds, as imported. */
  readonly attributes: JsonObject | null
}
