/** An entry of an error registry. `docs/errors.md` is generated from these. */
export type ErrorDefinition = {
  code: string
  meaning: string
  /** Whether the same request can succeed later without a change. */
  retryable: boolean
  whatToDo: string
  httpStatus: number
}

type Definitions = Record<string, Omit<ErrorDefinition, 'code'>>

/** A registry by code. `code` is made from the key, so that the two cannot differ. */
export type ErrorRegistry<T extends Definitions = Definitions> = {
  readonly [Code in keyof T & string]: Readonly<ErrorDefinition & { code: Code }>
}

/** Makes a service's registry: `defineErrors({ OUTBOX_FULL: { meaning, retryable, whatToDo, httpStatus } })`. */
export function defineErrors<const T extends Definitions>(definitions: T): ErrorRegistry<T> {
  const entries = Object.entries(definitions).map(([code, rest]) => [code, Object.freeze({ code, ...rest })])
  return Object.freeze(Object.fromEntries(entries))
}

/** The errors of every service. Each service has a registry of its own besides. */
export const COMMON_ERRORS = defineErrors({
  BAD_REQUEST: {
    meaning: 'The request is not one that this service can read.',
    retryable: false,
    whatToDo: 'Correct the request as the message says.',
    httpStatus: 400,
  },
  BAD_USER_INPUT: {
    meaning: 'An argument or variable has a value that is not allowed.',
    retryable: false,
    whatToDo: 'Correct the value that the message names.',
    httpStatus: 400,
  },
  UNAUTHENTICATED: {
    meaning: 'The credential is missing or wrong.',
    retryable: false,
    whatToDo: 'Send the credential that this endpoint asks for; after a rotation, the new one.',
    httpStatus: 401,
  },
  FORBIDDEN: {
    meaning: 'The caller is known but lacks the right.',
    retryable: false,
    whatToDo: 'Ask the owner of the service for the right that the message names.',
    httpStatus: 403,
  },
  NOT_FOUND: {
    meaning: 'There is nothing under this address.',
    retryable: false,
    whatToDo: 'Check the path and the method.',
    httpStatus: 404,
  },
  PAYLOAD_TOO_LARGE: {
    meaning: 'The body is larger than the limit of this service.',
    retryable: false,
    whatToDo: 'Send less at once, in several requests.',
    httpStatus: 413,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    meaning: 'The body has a content type that this endpoint does not read.',
    retryable: false,
    whatToDo: 'Send JSON with `content-type: application/json`.',
    httpStatus: 415,
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: 'The GraphQL document has a syntax error.',
    retryable: false,
    whatToDo: 'Correct the document at the location given.',
    httpStatus: 400,
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The GraphQL document does not fit the schema.',
    retryable: false,
    whatToDo: 'Correct the document at the location given.',
    httpStatus: 400,
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: 'The document does not say which of its operations to run.',
    retryable: false,
    whatToDo: 'Send `operationName`, or a document with one operation.',
    httpStatus: 400,
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'No operation is stored under this hash.',
    retryable: true,
    whatToDo: 'Send the hash together with the document.',
    httpStatus: 200,
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    meaning: 'This endpoint takes no persisted operations.',
    retryable: false,
    whatToDo: 'Send the document itself.',
    httpStatus: 400,
  },
  REQUEST_TIMEOUT: {
    meaning: 'The request did not arrive in full within the time allowed.',
    retryable: true,
    whatToDo: 'Send it again, over a faster connection or in smaller parts.',
    httpStatus: 408,
  },
  DATASTORE_UNAVAILABLE: {
    meaning: 'The datastore of this service does not answer, or refuses to write.',
    retryable: true,
    whatToDo: 'Try again with backoff; operators look at /readyz.',
    httpStatus: 503,
  },
  SHUTTING_DOWN: {
    meaning: 'This replica is draining and takes no new work.',
    retryable: true,
    whatToDo: 'Try again at once: another replica answers.',
    httpStatus: 503,
  },
  INTERNAL: {
    meaning: 'A defect of this service; its log has the cause under the request id.',
    retryable: true,
    whatToDo: 'Try again; if it stays, report the request id.',
    httpStatus: 500,
  },
})

/** An error from a registry. Its message is meant for callers. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly retryable: boolean
  readonly httpStatus: number
  /** JSON, meant for callers too. */
  readonly details?: Readonly<Record<string, unknown>>

  constructor(
    definition: ErrorDefinition,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = definition.code
    this.retryable = definition.retryable
    this.httpStatus = definition.httpStatus
    if (details !== undefined) this.details = details
  }
}

/** The error of a registry entry; without a message, the entry's meaning and what to do. */
export function serviceError(
  definition: ErrorDefinition,
  message = `${definition.meaning} ${definition.whatToDo}`,
  details?: Readonly<Record<string, unknown>>,
  cause?: unknown,
): ServiceError {
  return new ServiceError(definition, message, details, cause)
}

/** What a caller sees of a defect: the request id, under which the log has the cause. */
export function maskedError(requestId: string): ServiceError {
  return serviceError(COMMON_ERRORS.INTERNAL, `Internal error; quote request id ${requestId}`)
}

/** A failure to start that the operator can put right. Printed as one line, without a stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}

/**
 * The public form of a thrown value, or undefined where it must be masked. An outage of the datastore is recognised by
 * the error's name, because packages/datastore does not depend on this package. The driver's message is for the log
 * alone.
 */
export function toServiceError(error: unknown): ServiceError | undefined {
  if (error instanceof ServiceError) return error
  if (error instanceof Error && error.name === 'DatastoreUnavailableError') {
    return serviceError(COMMON_ERRORS.DATASTORE_UNAVAILABLE, undefined, undefined, error)
  }
  return undefined
}
