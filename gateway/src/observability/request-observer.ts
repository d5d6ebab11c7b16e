import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DeferIgnored, PreparedOperation } from '../operations/prepare-operation.ts'
import type { UsageRecorder } from '../usage/usage-recorder.ts'
import type { AccessLog } from './access-log.ts'
import { type ClientName, clientNameOf } from './client-name.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** Records which operations are used, by whom; `usage/` has it. */
type RecordUsage = UsageRecorder['record']

type Variables = Readonly<Record<string, unknown>>
type CodedError = { readonly extensions?: { readonly code?: unknown } | undefined }

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before `RequestObserver.begin` and after `end`. */
    observed: ObservedRequest | null
  }
}

/** What is known of a request under way. */
type ObservedRequest = {
  readonly startedAt: number
  readonly client: ClientName
  operation: PreparedOperation | null
  /** As the client sent them; valid once there is an operation. */
  variables: Variables
  errors: number
  codes: Set<string> | null
}

/** Sees every request to `/graphql`: for the metrics, the access log and the operation usage. */
export type RequestObserver = {
  /** To be called first. */
  begin(request: FastifyRequest): void
  /** The operation is valid and so are its variables. */
  executing(request: FastifyRequest, operation: PreparedOperation, variables: Variables): void
  deferIgnored(reason: DeferIgnored): void
  /** The answer, the first part of it or a refusal is about to be sent. */
  answered(request: FastifyRequest, errors: readonly CodedError[]): void
  /** Later parts are about to be sent; the end of the answer may come without any. */
  answeredLater(request: FastifyRequest, parts: readonly { readonly errors?: readonly CodedError[] }[]): void
  /** Nothing more goes to the client: it has the whole answer, or has left. Only the first call counts. */
  end(request: FastifyRequest, reply: FastifyReply): void
}

const NO_VARIABLES: Variables = {}

export function createRequestObserver(options: {
  readonly metrics: RequestMetrics
  readonly accessLog: AccessLog | null
  readonly recordUsage: RecordUsage | null
}): RequestObserver {
  const { metrics, accessLog, recordUsage } = options

  function begin(request: FastifyRequest): void {
    request.observed = {
      startedAt: performance.now(),
      client: clientNameOf(request.headers),
      operation: null,
      variables: NO_VARIABLES,
      errors: 0,
      codes: null,
    }
    metrics.began()
  }

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
    begin,
    executing(request, operation, variables) {
      const { observed } = request
      if (!observed) return
      observed.operation = operation
      observed.variables = variables
    },
    deferIgnored: metrics.deferIgnored,
    answered(request, errors) {
      const { observed } = request
      if (!observed) return
      const { operation, client, variables, startedAt } = observed
      if (operation) {
        metrics.answered(operation, (performance.now() - startedAt) / 1_000)
        recordUsage?.(operation.usage(), { client, variables, hasErrors: errors.length > 0 })
      }
      if (errors.length > 0) countErrors(observed, errors)
    },
    answeredLater(request, parts) {
      const { observed } = request
      if (!observed || parts.length === 0) return
      metrics.sentLater((performance.now() - observed.startedAt) / 1_000)
      for (const { errors = [] } of parts) countErrors(observed, errors)
    },
    end(request, reply) {
      const { observed } = request
      if (!observed) return
      request.observed = null
      metrics.ended()
      if (!accessLog) return
      const { client, errors, codes, variables, operation } = observed
      accessLog({
        requestId: request.id,
        status: reply.statusCode,
        ms: reply.elapsedTime,
        complete: reply.raw.writableEnded,
        operation: operation?.operation.name?.value,
        kind: operation?.operation.operation,
        client,
        errors,
        codes,
        variables: operation ? variables : undefined,
      })
    },
  }
}
