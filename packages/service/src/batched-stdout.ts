import { type DestinationStream, pino, symbols } from 'pino'

/** Characters of one system call. */
const BATCH_LENGTH = 8_192
const MAX_WAIT_MS = 10
const WARN = pino.levels.values.warn ?? 0

/**
 * Standard output for a log, written to in batches: a system call for each line took an eighth of the CPU of a gateway that
 * logs every request. A line waits for `MAX_WAIT_MS` at most; one of level warn or above is written at once, with those
 * before it. Only `kill -9` loses lines: those that wait.
 */
export function batchedStdout(): DestinationStream {
  // It has batches of its own, whose `flushSync` never returns once nobody reads the output any more.
  const stdout = pino.destination({ dest: 1, sync: true })
  let waiting = ''
  let timer: NodeJS.Timeout | null = null

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const lines = waiting
    waiting = ''
    if (lines !== '') stdout.write(lines)
  }

  process.on('exit', flush)
  const stream = {
    // Asks pino to set `lastLevel` before each line.
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string): void {
      waiting += line
      if (stream.lastLevel >= WARN || waiting.length >= BATCH_LENGTH) flush()
      else timer ??= setTimeout(flush, MAX_WAIT_MS).unref()
    },
  }
  return stream
}
