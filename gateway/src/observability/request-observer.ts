import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PreparedForm, PreparedOperation } from '../operations/prepare-operation.ts'
import type { UsageRecorder } from '../usage/usage-recorder.ts'
import type { AccessLog } from './access-log.ts'
import { type ClientName, clientNameOf } from './client-name.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** Records which operations are used, by whom; `usage/` has it. */
type RecordUsage = UsageRecorder['record']

type Variables = Readonly<Record<string, unknown>>
type CodedError = { readonly extensions?: { readonly code?: unknown } | undefined }

/** What is known of a request under way. */
export type ObservedRequest = {
  readonly startedAt: number
  readonly client: ClientName
  operation: PreparedOperation | null
  /** As the client sent them; valid once there is an operation. */
  variables: Variables | undefined
  errors: number
  codes: Set<string> | null
}

/** Sees every request to `/graphql`: for the metrics, the access log and the operation usage. */
export type RequestObserver = {
  begin(request: FastifyRequest): ObservedRequest
  /** The operation is valid and so are its variables. */
  executing(
    observed: ObservedRequest,
    what: {
      readonly operation: PreparedOperation
      readonly form: PreparedForm
      readonly variables: Variables
    },
  ): void
  /** The answer, the first part of it or a refusal is about to be sent. */
  answered(observed: ObservedRequest, errors: readonly CodedError[]): void
  /** A later part is about to be sent. */
  answeredLater(observed: ObservedRequest, errors: readonly CodedError[]): void
  /** The connection is done with the request. To be called for every request, those included that nobody began. */
  end(request: FastifyRequest, reply: FastifyReply): void
}

export function createRequestObserver(options: {
  readonly metrics: RequestMetrics
  readonly accessLog: AccessLog | null
  readonly recordUsage: RecordUsage | null
}): RequestObserver {
  const { metrics, accessLog, recordUsage } = options
  const underWay = new WeakMap<FastifyRequest, ObservedRequest>()

  function countErrors(observed: ObservedRequest, errors: readonly CodedError[]): void {
    observed.errors += errors.length
    for (const { extensions } of errors) {
      const code = String(extensions?.code)
      metrics.failed(code)
      observed.codes ??= new Set()
      observed.codes.add(code)
    }
  }

  return {
    begin(request) {
      metrics.began()
      const observed: ObservedRequest = {
        startedAt: performance.now(),
        client: clientNameOf(request.headers),
        operation: null,
        variables: undefined,
        errors: 0,
        codes: null,
      }
      underWay.set(request, observed)
      return observed
    },
    executing(observed, { operation, form, variables }) {
      observed.operation = operation
      observed.variables = variables
      if (form.deferIgnored !== null) metrics.deferIgnored(form.deferIgnored)
    },
    answered(observed, errors) {
      const { operation, client, variables, startedAt } = observed
      if (operation) {
        metrics.answered(operation, (performance.now() - startedAt) / 1_000)
        recordUsage?.(operation.usage(), { client, variables: variables ?? {}, hasErrors: errors.length > 0 })
      }
      if (errors.length > 0) countErrors(observed, errors)
    },
    answeredLater(observed, errors) {
      metrics.sentLater((performance.now() - observed.startedAt) / 1_000)
      if (errors.length > 0) countErrors(observed, errors)
    },
    end(request, reply) {
      const observed = underWay.get(request)
      if (observed) metrics.ended()
      if (!accessLog) return
      const operation = observed?.operation?.operation
      accessLog({
        requestId: request.id,
        status: reply.statusCode,
        ms: reply.elapsedTime,
        complete: reply.raw.writableFinished,
        operation: operation?.name?.value,
        kind: operation?.operation,
        client: observed?.client ?? clientNameOf(request.headers),
        errors: observed?.errors ?? 0,
        codes: observed?.codes ?? null,
        variables: observed?.variables,
      })
    },
  }
}
