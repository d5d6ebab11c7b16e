import { DatastoreUnavailableError } from '../errors.ts'

const DUPLICATE_KEY = 11_000

/** Errors are told apart by name and code, not by class: two copies of the driver may meet in one process. */
type MongoLike = Error & {
  code?: unknown
  hasErrorLabel?: (label: string) => boolean
  writeErrors?: unknown
  errorResponse?: unknown
  result?: { getWriteConcernError?: () => unknown }
}

function isMongoError(error: unknown): error is MongoLike {
  return (
    error instanceof Error && (error.name.startsWith('Mongo') || error.name === 'PoolClearedOnNetworkError')
  )
}

/** Besides refused rows, a bulk write can report that the other rows are not known to be durable. */
function lacksDurability(error: MongoLike): boolean {
  return Boolean(error.result?.getWriteConcernError?.())
}

/** What interrupted a bulk write before the server answered; the driver wraps it without its name and labels. */
function interruption(error: MongoLike): MongoLike | undefined {
  return isMongoError(error.errorResponse) ? error.errorResponse : undefined
}

/**
 * Whether a unique index refused the write; for an unordered bulk write, whether that is all that went wrong
 * and the rest is durable.
 */
export function isDuplicateKey(error: unknown): boolean {
  if (!isMongoError(error) || lacksDurability(error) || interruption(error) !== undefined) return false
  if (!Array.isArray(error.writeErrors) || error.writeErrors.length === 0) return error.code === DUPLICATE_KEY
  return error.writeErrors.every((failure: { code?: unknown }) => failure.code === DUPLICATE_KEY)
}

/**
 * The indexes of the documents that an unordered `insertMany` refused because a unique index knows them; the others are
 * durable.
 * @throws the error, if anything else went wrong
 */
export function duplicateIndexes(error: unknown): number[] {
  if (!isDuplicateKey(error) || !isMongoError(error) || !Array.isArray(error.writeErrors)) throw error
  return error.writeErrors.map(({ index }: { index: number }) => index)
}

/** The driver could not reach a primary, or lost it. */
const OUTAGE_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoWriteConcernError',
  'MongoOperationTimeoutError',
])

/** Not primary, stepping down, shutting down, write concern, timeouts, no space: see the server's error_codes.yml. */
const OUTAGE_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 50, 64, 79, 89, 91, 100, 133, 134, 175, 189, 202, 262, 317, 358, 9001, 10_058, 10_107, 11_600, 11_602,
  13_435, 13_436, 14_031, 46_841,
])

const OUTAGE_LABELS = [
  'RetryableWriteError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'InterruptInUseConnections',
] as const

/** Outages become DatastoreUnavailableError; everything else (a wrong query, a duplicate) is returned unchanged. */
export function translateMongoError(error: unknown): unknown {
  if (!isMongoError(error)) return error
  const cause = interruption(error) ?? error
  const labelled = OUTAGE_LABELS.some((label) => cause.hasErrorLabel?.(label) ?? false)
  if (labelled || lacksDurability(error) || OUTAGE_NAMES.has(cause.name) || OUTAGE_CODES.has(cause.code)) {
    return new DatastoreUnavailableError(`MongoDB: ${error.message}`, { cause: error })
  }
  return error
}
