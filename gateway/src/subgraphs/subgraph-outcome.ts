/** A GraphQL response whose errors have not been checked yet. */
export type SubgraphResponse = {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly unknown[]
}

/** How a fetch ended. `detail` is for the log alone, since it may name hosts. */
export type SubgraphOutcome =
  /** Without a response where the answer was taken as it came. */
  | { readonly type: 'answered'; readonly response: SubgraphResponse | null }
  | { readonly type: 'deadline'; readonly detail?: string }
  | { readonly type: 'unavailable'; readonly detail: string }
  | { readonly type: 'invalid'; readonly detail: string }
  | { readonly type: 'cancelled' }

export const TAKEN: SubgraphOutcome = { type: 'answered', response: null }
export const MISSED_DEADLINE: SubgraphOutcome = { type: 'deadline' }
export const CANCELLED: SubgraphOutcome = { type: 'cancelled' }
export const CLOSED: SubgraphOutcome = { type: 'unavailable', detail: 'the client is closed' }
/** The gateway's own limit was reached, which says nothing about the subgraph. */
export const TOO_MANY: SubgraphOutcome = {
  type: 'unavailable',
  detail: 'too many requests under way and waiting',
}
const OPEN = 'the circuit breaker is open'
export const CIRCUIT_OPEN: SubgraphOutcome = { type: 'unavailable', detail: OPEN }
/** Where fetches missed their deadlines before: clients get the same code for the whole of an outage. */
export const CIRCUIT_OPEN_AFTER_DEADLINES: SubgraphOutcome = { type: 'deadline', detail: OPEN }
