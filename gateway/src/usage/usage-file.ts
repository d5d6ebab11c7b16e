import { appendFile, stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import { StartupError } from '@bulkhead/service/errors'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { UsageRecord } from './usage-record.ts'
import type { UsageRecorder } from './usage-recorder.ts'

/** Upper bound on what waits for a file that cannot be written, in characters. */
const MAX_WAITING = 16 * 1024 * 1024
/** After so many the requests have their turn: a record of a large operation takes a tenth of a millisecond. */
const RECORDS_AT_ONCE = 50

/**
 * Appends the records to a file, as JSON lines, every so often and at the end. A write that fails is done again with the
 * next one, so a record can be there twice. The file is opened for each write: to rotate it, rename it.
 * @throws {StartupError} where the file cannot be written
 */
export async function openUsageFile(options: {
  readonly path: string
  readonly recorder: Pick<UsageRecorder, 'take'>
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<Worker> {
  const { path, recorder, intervalMs, clock, log, metrics } = options
  const failures = createFailureLog({
    log,
    clock,
    what: 'writing of operation usage',
    meanwhile: 'records wait in memory',
  })
  const outcomes = metrics.counter({
    name: 'bulkhead_usage_records_total',
    help: 'Records of operation usage, by outcome: written, or dropped because the file could not be written for too long',
    labelNames: ['outcome'],
  })
  for (const outcome of ['written', 'dropped']) outcomes.inc({ outcome }, 0)

  let waiting: string[] = []
  let length = 0

  function keep(record: UsageRecord): void {
    const line = `${JSON.stringify(record)}\n`
    if (length + line.length > MAX_WAITING) outcomes.inc({ outcome: 'dropped' })
    else {
      waiting.push(line)
      length += line.length
    }
  }

  async function write(): Promise<void> {
    let sinceThePause = 0
    for (const record of recorder.take()) {
      keep(record)
      sinceThePause += 1
      if (sinceThePause < RECORDS_AT_ONCE) continue
      sinceThePause = 0
      await setImmediate()
    }
    if (waiting.length === 0) return
    const lines = waiting
    try {
      await appendFile(path, `${isLineOpen ? '\n' : ''}${lines.join('')}`)
    } catch (error) {
      isLineOpen = true
      failures.failed((error as NodeJS.ErrnoException).code ?? 'WRITE_FAILED', { err: error })
      return
    }
    isLineOpen = false
    waiting = []
    length = 0
    outcomes.inc({ outcome: 'written' }, lines.length)
    failures.succeeded()
  }

  /** Whether the file may end in the middle of a line, because a write failed there or a process was killed. */
  let isLineOpen: boolean
  try {
    await appendFile(path, '')
    isLineOpen = (await stat(path)).size > 0
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new StartupError(
      `USAGE_FILE cannot be written (${problem}): set a file that this process may write`,
    )
  }
  const worker = createPeriodicWorker({
    name: 'usage-file',
    intervalMs,
    jitter: 0,
    random: { next: () => 0 },
    log,
    run: write,
  })
  return {
    ...worker,
    async stop() {
      await worker.stop()
      await write()
    },
  }
}
