import type { Identity } from '@bulkhead/service/identity/identity'

/** Who sends a request, with what subgraphs are told of it. Null stands for anonymous. */
export type Caller = {
  readonly identity: Identity
  /** By the name of each of our own subgraphs: the signed identity that it gets. */
  readonly forwarded: ReadonlyMap<string, string>
}
