import { systemClock } from '@bulkhead/service/clock'
import type { Command } from '../command-line/command-line.ts'
import type { ExportProgress } from '../read-model/export/exporter.ts'
import { openToRead } from './store.ts'
import { EVENTS_PER_READ } from './sums.ts'

/** @throws ExportUnusableError where the folder cannot be gone on with */
export async function exportLog({
  folder,
  format,
  archive,
}: Extract<Command, { name: 'export' }>): Promise<string> {
  await using store = await openToRead()
  // With the engine, which is large.
  const { exportEvents } = await import('../read-model/export/exporter.ts')
  const {
    through,
    ranges,
    archive: name,
  } = await exportEvents({
    ...{ store, folder, format, archive, clock: systemClock, limit: EVENTS_PER_READ },
    onProgress: tellProgress,
  })
  const waiting = name === null ? '' : `, and services with EVENT_ARCHIVE=${name} may erase up to there`
  return `events up to position ${through} are in ${folder}, in ${ranges.length} ranges${waiting}`
}

function tellProgress(progress: ExportProgress): void {
  if (progress.type === 'erased') {
    console.error(`erased ${progress.events} events of units from files that were exported before`)
    return
  }
  const { through, goal } = progress
  console.error(`exported up to position ${through} of ${goal} (${Math.floor((100 * through) / goal)} %)`)
}
