import { createLogger, type Logger } from '@bulkhead/service/logging'

/** A logger whose lines a test can read. */
export const captureLog = (
  level: 'debug' | 'info' = 'info',
): { log: Logger; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  return { log: createLogger({ service: 'test', level, destination }), lines }
}
