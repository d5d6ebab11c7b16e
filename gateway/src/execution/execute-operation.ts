import type { Caller } from '../identity/caller.ts'
import type { Cancellation } from '../subgraphs/cancellation.ts'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { atClientPath, type ClientError, withProjectionErrors } from './client-errors.ts'
import type { CompiledOperation } from './compile-operation.ts'
import { type Chunk, deliverParts } from './deferred-parts.ts'
import type { CompiledFetch } from './plan/compiled-fetch.ts'
import type { ProjectionError } from './response/complete-value.ts'
import type { JsonObject } from './response/own.ts'
import { runFetches } from './run-fetches.ts'
import { sendFetch } from './send-fetch.ts'
import { sendVerbatim } from './verbatim/send-verbatim.ts'
import { VerbatimAnswer } from './verbatim/verbatim-answer.ts'

/** Milliseconds. */
export type Deadlines = {
  /** For root fields. */
  readonly rootMs: number
  /** For fields that are added to another subgraph's answer, where the client waits for them. */
  readonly entityMs: number
  /** For deferred parts, from the start of the request. */
  readonly deferredMs: number
}

export type ExecutionOptions = {
  /** As the client sent them; they have been checked against the operation. */
  readonly variables: Readonly<Record<string, unknown>>
  /** The same with defaults. */
  readonly coercedVariables: Readonly<Record<string, unknown>>
  readonly fetch: SubgraphFetch
  readonly deadlines: Deadlines
  readonly requestId: string
  readonly caller: Caller | null
  /** Cancelled when the client has gone; null for a client that never goes. */
  readonly cancellation: Cancellation | null
}

export type Answer = { readonly data: JsonObject | null; readonly errors: readonly ClientError[] }

export type Execution = {
  readonly initial: Answer
  /** The whole answer as JSON, where it was put together from the subgraphs' own words; `initial` is empty then. */
  readonly verbatim: Buffer | null
  /** The deferred parts as they come, the last chunk marked; null where there are none. */
  readonly later: AsyncIterable<Chunk> | null
}

const NOTHING: Answer = { data: null, errors: [] }

/** Executes an operation: fetches, merges, and answers with what the client selected. */
export async function executeOperation(
  operation: CompiledOperation,
  options: ExecutionOptions,
): Promise<Execution> {
  const { deadlines, requestId } = options
  const { plan, introspect, initial, parts, clientKeys } = operation
  const startedAt = performance.now()
  const data: JsonObject = introspect ? { ...introspect(options.coercedVariables) } : {}
  const verbatimPlan = operation.verbatim()
  const verbatim = verbatimPlan && new VerbatimAnswer(verbatimPlan)
  const scope = { ...options, data }
  const run = runFetches(plan.fetches, parts.length, (fetch, index) => {
    const deadlineMs = deadlineOf(fetch, deadlines, startedAt)
    return verbatim === null || verbatim.isGivenUp
      ? sendFetch(fetch, scope, deadlineMs)
      : sendVerbatim(index, { plan, verbatim, scope, deadlineMs })
  })

  const fetchErrors = await run.ended(null)
  if (verbatim !== null && !verbatim.isGivenUp) {
    return { initial: NOTHING, verbatim: verbatim.json(), later: null }
  }
  const projectionErrors: ProjectionError[] = []
  const view = initial(data, projectionErrors)
  const errors =
    fetchErrors.length + projectionErrors.length === 0
      ? []
      : withProjectionErrors(fetchErrors, projectionErrors, plan, requestId).map((error) =>
          atClientPath(error, clientKeys),
        )
  return {
    initial: { data: view, errors },
    verbatim: null,
    later: parts.length === 0 ? null : deliverParts({ operation, run, data, view, requestId }),
  }
}

/** Milliseconds from now. @param startedAt when the request began, by `performance.now` */
function deadlineOf({ part, represent }: CompiledFetch, deadlines: Deadlines, startedAt: number): number {
  if (part !== null) return Math.max(0, Math.round(deadlines.deferredMs - (performance.now() - startedAt)))
  return represent ? deadlines.entityMs : deadlines.rootMs
}
