import { randomUUID } from 'node:crypto'
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { withDeadline } from './deadline.ts'
import {
  COMMON_ERRORS,
  type ErrorDefinition,
  maskedError,
  StartupError,
  serviceError,
  toServiceError,
} from './errors.ts'
import { countAnswers } from './http-metrics.ts'
import type { Logger } from './logging.ts'
import type { Metrics } from './metrics.ts'

/** Shown by `/readyz`, so `detail` must not hold a credential. */
export type ReadinessCheck = { ok: boolean; detail?: string }
export type ReadinessReport = { ready: boolean; checks: Record<string, ReadinessCheck> }

export type HttpServerOptions = {
  log: Logger
  metrics: Metrics
  /** Bytes of a request body, 1 MiB by default. */
  bodyLimit?: number
  /** Proxies, as addresses or CIDR ranges, whose `x-forwarded-for` says where a request is from. None by default. */
  trustedProxies?: readonly string[]
  /** Headers of every answer, besides the request id. */
  headers?: Readonly<Record<string, string>>
  readiness(): ReadinessReport | Promise<ReadinessReport>
}

export const REQUEST_ID_HEADER = 'x-request-id'

const MIB = 1024 * 1024
const READINESS_DEADLINE_MS = 2_000
/** Upper bound on the time in which a request arrives. */
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the idle time of the usual proxies (60 s), so that the proxy closes the connection and not this side. */
const KEEP_ALIVE_MS = 65_000
/** After this long without data a socket is closed. Longer than any answer takes. */
const CONNECTION_TIMEOUT_MS = 120_000
const SERVER_ERROR = 500
/** The largest body that is refused and still read to its end, see `letSenderFinish`. */
const MAX_DISCARDED_BYTES = 64 * MIB

/**
 * The HTTP server that every service mounts its routes on: request ids, `/healthz`, `/readyz`, `/metrics`,
 * request metrics and one error handler. Every failure is `{ error: { code, message, retryable, requestId } }`. An error
 * that is in no registry is masked as INTERNAL, and logged once.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { log, headers = {} } = options
  function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
    reply.header(REQUEST_ID_HEADER, request.id).headers(headers)
  }
  const app = fastify({
    // At `warn`, because Fastify logs where it listens, and the services do that themselves. Requests use the full log.
    loggerInstance: log.child({}, { level: quieter(log) }) as FastifyBaseLogger,
    // One logger for all requests, since making one for each costs time and most requests log nothing. So lines about a
    // request name its id themselves.
    childLoggerFactory: () => log as FastifyBaseLogger,
    // The hook below logs each request at debug, and failures are logged where they happen.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? MIB,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    genReqId: (request) => requestId(request.headers[REQUEST_ID_HEADER]),
    // While draining, requests on open connections are still served, with `connection: close`.
    return503OnClosing: false,
    // Such as a path that cannot be decoded: no hook runs for it.
    frameworkErrors(error, request, reply) {
      addHeaders(request, reply)
      sendError(error, request, reply)
    },
  })
  // Bodies are JSON. Fastify also reads text, and the sender would be told of a wrong shape instead of a wrong type.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', (request, reply, done) => {
    addHeaders(request, reply)
    done()
  })
  app.setErrorHandler(sendError)
  app.setNotFoundHandler((request, reply) =>
    sendError(
      serviceError(COMMON_ERRORS.NOT_FOUND, 'There is nothing here: check the path and the method.'),
      request,
      reply,
    ),
  )
  observeRequests(app, options)
  addOperationalRoutes(app, options)
  return app
}

/** `warn`, or the log's own level where that is higher. */
function quieter(log: Logger): string {
  return log.isLevelEnabled('warn') ? 'warn' : log.level
}

/** The caller's id if it is safe to log and to send back, else a new one. */
function requestId(inbound: string | string[] | undefined): string {
  return typeof inbound === 'string' && /^[\w-]{8,128}$/.test(inbound) ? inbound : randomUUID()
}

function observeRequests(app: FastifyInstance, { log, metrics }: HttpServerOptions): void {
  const count = countAnswers(metrics)
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern and not the path, since clients can invent any number of paths.
    const route = request.routeOptions.url ?? 'unmatched'
    const method = request.routeOptions.url === undefined ? 'any' : request.method
    const { statusCode: status, elapsedTime: ms } = reply
    count(route, method, status, ms / 1_000)
    if (log.isLevelEnabled('debug'))
      log.debug({ requestId: request.id, route, method, status, ms }, 'request answered')
    done()
  })
}

function addOperationalRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  let draining = false
  app.addHook('preClose', async () => {
    draining = true
  })
  // A connection that was busy when the listener closed would stay open for the keep-alive time.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    // An answer whose headers were sent before the drain, such as a stream, did not get `connection: close`.
    if (draining) setImmediate(() => app.server.closeIdleConnections())
    done()
  })

  app.get('/healthz', () => ({ alive: true }))

  app.get('/readyz', async (request, reply) => {
    const report = draining ? DRAINING : await readiness(options, request)
    return reply.code(report.ready ? 200 : COMMON_ERRORS.SHUTTING_DOWN.httpStatus).send(report)
  })

  app.get('/metrics', async (_request, reply) =>
    reply.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics()),
  )
}

const DRAINING: ReadinessReport = { ready: false, checks: { lifecycle: { ok: false, detail: 'draining' } } }

async function readiness(options: HttpServerOptions, request: FastifyRequest): Promise<ReadinessReport> {
  try {
    return await withDeadline(
      async () => options.readiness(),
      READINESS_DEADLINE_MS,
      () => new Error(`no answer within ${READINESS_DEADLINE_MS} ms`),
    )
  } catch (error) {
    request.log.warn({ requestId: request.id, err: error }, 'readiness check failed')
    return {
      ready: false,
      checks: { readiness: { ok: false, detail: 'the check failed or timed out; see the log' } },
    }
  }
}

/** Errors of Fastify itself by status. Other 4xx become BAD_REQUEST. */
const BY_STATUS: Record<number, ErrorDefinition> = {
  404: COMMON_ERRORS.NOT_FOUND,
  408: COMMON_ERRORS.REQUEST_TIMEOUT,
  413: COMMON_ERRORS.PAYLOAD_TOO_LARGE,
  415: COMMON_ERRORS.UNSUPPORTED_MEDIA_TYPE,
}

/**
 * Fastify closes the connection when a body is too large. A sender that is still writing would then see a broken pipe
 * instead of the 413, so up to a limit the rest of the body is read and thrown away.
 */
function letSenderFinish(status: number, request: FastifyRequest, reply: FastifyReply): void {
  const length = Number(request.headers['content-length'])
  if (status === COMMON_ERRORS.PAYLOAD_TOO_LARGE.httpStatus && length <= MAX_DISCARDED_BYTES) {
    reply.removeHeader('connection')
  }
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = toServiceError(error) ?? frameworkError(error, request)
  if (hasClientLeft(error))
    request.log.debug({ requestId: request.id }, 'client left before the end of its answer')
  else if (known === undefined) request.log.error({ requestId: request.id, err: error }, 'request failed')
  else if (known.httpStatus >= SERVER_ERROR)
    request.log.warn({ requestId: request.id, err: error }, 'request refused')
  const shown = known ?? maskedError(request.id)
  letSenderFinish(shown.httpStatus, request, reply)
  reply.code(shown.httpStatus).send({
    error: {
      code: shown.code,
      message: shown.message,
      retryable: shown.retryable,
      requestId: request.id,
      ...(shown.details === undefined ? {} : { details: shown.details }),
    },
  })
}

function hasClientLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function frameworkError(error: unknown, request: FastifyRequest) {
  if (!(error instanceof Error)) return undefined
  const { statusCode, code } = error as FastifyError
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(request)
  if (statusCode === undefined || statusCode < 400 || statusCode >= SERVER_ERROR) return undefined
  // Messages of Fastify and of the JSON parser are written for callers. Of any other 4xx only the status is passed on.
  const readable = code?.startsWith('FST_') || error instanceof SyntaxError
  return serviceError(
    BY_STATUS[statusCode] ?? COMMON_ERRORS.BAD_REQUEST,
    readable ? error.message : undefined,
  )
}

function bodyTooLarge({ headers, routeOptions }: FastifyRequest) {
  const max = routeOptions.bodyLimit
  // A body that comes in chunks has no length; it is read up to the limit.
  const measured = Number(headers['content-length'] ?? max + 1)
  const message = `The body of ${measured} bytes exceeds the limit of ${max}.`
  return serviceError(COMMON_ERRORS.PAYLOAD_TOO_LARGE, message, { limit: { name: 'body', max, measured } })
}

/**
 * Listens. What an operator can put right becomes an error of one line.
 * @returns the port, which the system chose if it was 0
 * @throws StartupError where the port is taken or not allowed
 */
export async function listen(app: FastifyInstance, address: { host: string; port: number }): Promise<number> {
  const { host, port } = address
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EADDRINUSE') {
      throw new StartupError(`PORT ${port} is taken: stop what listens there or set PORT`)
    }
    if (code === 'EACCES') {
      throw new StartupError(`PORT ${port} needs rights that this process lacks: set PORT above 1023`)
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartupError(`host ${host} is not an address of this machine: set HOST`)
    }
    throw error
  }
  const bound = app.server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : port
}
