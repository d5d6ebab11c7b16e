import type { GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Supergraph } from '../supergraph/supergraph.ts'
import {
  createForms,
  type OperationRequest,
  type OperationRules,
  type PreparedOperation,
  prepareOperation,
} from './prepare-operation.ts'

/** Upper bounds on prepared operations and on the text of all; the least recently used go. */
const MAX_OPERATIONS = 2_000
const MAX_CHARACTERS = 4_000_000
/** Operations that a new supergraph plans before it takes over. */
const MAX_WARMED = 200

export type OperationCache = {
  /** The prepared operation, or the client's mistakes, which are not kept. */
  prepare(request: OperationRequest): PreparedOperation | readonly GraphQLError[]
  /** Prepares the operations that `other` was asked for most, so that the first requests need not wait for plans. */
  warmFrom(other: OperationCache, signal: AbortSignal): Promise<void>
  /** The most used first, with the variables of each form in use. */
  hottest(count: number): readonly HotOperation[]
}

/** Sees what the cache spares, and what it costs to fill. */
export type OperationCacheObserver = {
  hit(): void
  miss(): void
  /** A plan was made. */
  planned(seconds: number): void
}

type HotOperation = {
  readonly request: OperationRequest
  readonly forms: ReturnType<PreparedOperation['formsInUse']>
}

type Entry = { readonly request: OperationRequest; readonly operation: PreparedOperation; uses: number }

/** The operations of one supergraph, each parsed and validated once, and planned once for each of its forms. */
export function createOperationCache(
  supergraph: Supergraph,
  options: { readonly rules?: OperationRules; readonly observer?: OperationCacheObserver } = {},
): OperationCache {
  const { rules, observer } = options
  const forms = createForms()
  const entries = new LRUCache<string, Entry>({
    max: MAX_OPERATIONS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_entry, key) => key.length,
    dispose: ({ operation }) => operation.forget(),
  })

  function add(key: string, request: OperationRequest): PreparedOperation | readonly GraphQLError[] {
    const operation = prepareOperation(supergraph, request, { rules, forms, onPlanned: observer?.planned })
    if ('compiledFor' in operation) entries.set(key, { request, operation, uses: 1 })
    return operation
  }

  return {
    prepare(request) {
      const key = keyOf(request)
      const known = entries.get(key)
      if (!known) {
        observer?.miss()
        return add(key, request)
      }
      observer?.hit()
      known.uses += 1
      return known.operation
    },
    async warmFrom(other, signal) {
      for (const { request, forms } of other.hottest(MAX_WARMED)) {
        const operation = add(keyOf(request), request)
        if (!('compiledFor' in operation)) continue
        for (const { variables, allows } of forms) {
          // A plan takes milliseconds, in which no request is answered: let those that wait go first.
          await new Promise(setImmediate)
          signal.throwIfAborted()
          operation.compiledFor(variables, allows).prepareVerbatim()
        }
      }
    },
    hottest: (count) =>
      [...entries.values()]
        .sort((one, two) => two.uses - one.uses)
        .slice(0, count)
        .map(({ request, operation }) => ({ request, forms: operation.formsInUse() })),
  }
}

function keyOf({ query, operationName, acceptsParts }: OperationRequest): string {
  return `${acceptsParts ? 'parts' : 'whole'} ${operationName ?? ''} ${query}`
}
