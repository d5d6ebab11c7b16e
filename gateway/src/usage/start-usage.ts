import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { openUsageFile } from './usage-file.ts'
import { createUsageRecorder, type UsageRecorder } from './usage-recorder.ts'

const REPLICA_ID_BYTES = 8

export type Usage = {
  readonly recorder: UsageRecorder
  /** Writes what is left. To be called after the last request. */
  stop(): Promise<void>
}

/**
 * Records operation usage in a file.
 * @returns null without a file: then nothing is recorded
 * @throws {StartupError} where the file cannot be written
 */
export async function startUsage(options: {
  readonly path: string | null
  readonly intervalMs: number
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<Usage | null> {
  const { path, random, ...shared } = options
  if (path === null) return null
  const replica = Buffer.from(random.bytes(REPLICA_ID_BYTES)).toString('hex')
  const recorder = createUsageRecorder({ ...shared, replica })
  const file = await openUsageFile({ ...shared, path, recorder })
  file.start()
  return { recorder, stop: file.stop }
}
