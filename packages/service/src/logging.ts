import { type DestinationStream, type Logger, pino } from 'pino'
import { batchedStdout } from './batched-stdout.ts'
import type { LogLevel } from './config/config.ts'

export type { Logger } from 'pino'

const REDACTED_HEADERS = ['authorization', 'cookie', 'set-cookie', 'x-bulkhead-gateway-secret']

/** The places where headers are logged: at the top, in `req` and `res`, or one level deeper. */
const REDACTED_PATHS = ['headers', 'req.headers', 'res.headers', '*.headers', '*.*.headers'].flatMap((path) =>
  REDACTED_HEADERS.map((header) => `${path}["${header}"]`),
)

/**
 * Logs JSON lines with the service's name and without credentials.
 * @param options.destination standard output in batches by default; tests pass a stream of their own
 */
export function createLogger(options: {
  service: string
  level: LogLevel
  destination?: DestinationStream
}): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    },
    options.destination ?? batchedStdout(),
  )
}
