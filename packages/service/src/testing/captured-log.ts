import { createLogger, type Logger } from '../logging.ts'

type CapturedLog = { log: Logger; lines: Record<string, unknown>[] }

/** A logger whose lines a test can read. */
export function captureLog(level: 'trace' | 'debug' | 'info' = 'info'): CapturedLog {
  const lines: Record<string, unknown>[] = []
  const log = createLogger({
    service: 'test',
    level,
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  })
  return { log, lines }
}
