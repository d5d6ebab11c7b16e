import type { Clock } from '@bulkhead/service/clock'
import type { ErrorDefinition } from '@bulkhead/service/errors'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import { GATEWAY_ERRORS } from '../errors.ts'
import type { FetchFailure, ResponseError } from './failed-fetch.ts'
import type { SubgraphClient } from './subgraph-client.ts'
import { readSubgraphErrors, summarize } from './subgraph-errors.ts'
import type { SubgraphMetrics } from './subgraph-metrics.ts'
import type { SubgraphOutcome, SubgraphResponse } from './subgraph-outcome.ts'
import type { SubgraphRequest } from './subgraph-request.ts'

/** What one fetch brought. */
export type FetchAnswer = {
  /** Null also where the request has taken the answer as it came. */
  readonly data: Record<string, unknown> | null
  /** Sanitized; paths as the subgraph gave them: of an entity `['_entities', index, …]`. */
  readonly errors: readonly ResponseError[]
  /** Set where no usable data came: why, for every field that was asked for. */
  readonly failure: FetchFailure | null
}

type FetchRequest = SubgraphRequest & { readonly subgraph: string; readonly ofEntities: boolean }

/** Fetches from a subgraph by name. Never rejects. */
export type SubgraphFetch = (request: FetchRequest) => Promise<FetchAnswer>

/** A subgraph that fails every other time would otherwise end its outage, and begin a new one, with each request. */
const QUIET_MS = 5_000

const NO_ENTITIES: SubgraphOutcome = { type: 'invalid', detail: 'answer has no list of entities' }

const TAKEN_ANSWER: FetchAnswer = { data: null, errors: [], failure: null }

const NO_CLIENT: SubgraphOutcome = { type: 'unavailable', detail: 'not in the supergraph any more' }

function failure({ code, retryable }: ErrorDefinition, message: string): FetchFailure {
  return { code, retryable, message }
}

/** What clients are told of a fetch that got no answer. */
function failureOf(
  type: Exclude<SubgraphOutcome['type'], 'answered'>,
  { subgraph, deadlineMs }: FetchRequest,
): FetchFailure {
  switch (type) {
    case 'deadline':
      return failure(GATEWAY_ERRORS.SUBGRAPH_DEADLINE, `${subgraph} did not answer within ${deadlineMs} ms`)
    case 'unavailable':
      return failure(GATEWAY_ERRORS.SUBGRAPH_UNAVAILABLE, `${subgraph} is not available`)
    case 'invalid':
      return failure(
        GATEWAY_ERRORS.SUBGRAPH_INVALID_RESPONSE,
        `${subgraph} gave an answer that cannot be read`,
      )
    case 'cancelled':
      return failure(GATEWAY_ERRORS.SUBGRAPH_UNAVAILABLE, `${subgraph} was not waited for`)
  }
}

/** Errors that explain why there are no entities come first; without any the answer makes no sense. */
function lacksEntities({ data, errors }: SubgraphResponse): boolean {
  if (!data || Array.isArray(data._entities)) return false
  return (data._entities !== undefined && data._entities !== null) || !errors?.length
}

function readAnswer(response: SubgraphResponse, request: FetchRequest): FetchAnswer {
  const errors = readSubgraphErrors(response.errors, request)
  const { data = null } = response
  if (data === null || (request.ofEntities && !Array.isArray(data._entities))) {
    return { data: null, errors, failure: summarize(errors, request.subgraph) }
  }
  return { data, errors, failure: null }
}

/** @param options.clientOf undefined for a subgraph that a reload has taken away from an operation under way */
export function createSubgraphFetch(options: {
  readonly clientOf: (subgraph: string) => SubgraphClient | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: SubgraphMetrics
}): SubgraphFetch {
  const { clientOf, clock, log, metrics } = options
  const subgraphs = new Map<string, ReturnType<typeof observe>>()

  function observe(subgraph: string) {
    const failures = createFailureLog({
      log: log.child({ subgraph }),
      clock,
      what: 'subgraph fetches',
      meanwhile: 'further failures are logged at debug until one succeeds',
      quietMs: QUIET_MS,
    })
    const observed = { failures, tally: metrics.tally(subgraph) }
    subgraphs.set(subgraph, observed)
    return observed
  }

  return async (request) => {
    const { subgraph, requestId, ofEntities } = request
    const observed = subgraphs.get(subgraph) ?? observe(subgraph)
    const startedAt = performance.now()
    let outcome = (await clientOf(subgraph)?.fetch(request)) ?? NO_CLIENT
    if (ofEntities && outcome.type === 'answered' && outcome.response && lacksEntities(outcome.response))
      outcome = NO_ENTITIES
    observed.tally.add(outcome.type, (performance.now() - startedAt) / 1_000)

    if (outcome.type === 'answered') {
      observed.failures.succeeded()
      return outcome.response ? readAnswer(outcome.response, request) : TAKEN_ANSWER
    }
    const failed = failureOf(outcome.type, request)
    if (outcome.type !== 'cancelled') {
      const detail = outcome.detail ?? failed.message
      observed.failures.failed(failed.code, { requestId, detail })
    }
    return { data: null, errors: [], failure: failed }
  }
}
