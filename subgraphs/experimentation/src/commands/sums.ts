import { systemClock } from '@bulkhead/service/clock'
import type { SumsSource } from '../command-line/command-line.ts'
import { loadSparkConfig } from '../config.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { ExportSums } from '../read-model/export/export-sums.ts'
import { createLogReader } from '../read-model/log-sums.ts'
import { openTemporaryReadModel } from '../read-model/temporary-read-model.ts'
import { type AnalysisService, createAnalysisService } from '../services/analysis-service.ts'

/** Enough for few round trips, and few enough to be in memory at once. */
export const EVENTS_PER_READ = 5_000

/** Sums from what a command names; `await using` closes them. @throws as `openExportSums` does */
export async function openSums(
  store: ExperimentationStore,
  source: SumsSource,
): Promise<ExportSums & AsyncDisposable> {
  const sums = await sumsOf(store, source)
  return { ...sums, [Symbol.asyncDispose]: () => sums.close() }
}

async function sumsOf(
  store: ExperimentationStore,
  { engine, exportFolder: folder }: SumsSource,
): Promise<ExportSums> {
  const limit = EVENTS_PER_READ
  if (folder === null) {
    return { ...createLogReader({ store, openModel: openTemporaryReadModel, limit }), through: null }
  }
  // With the engine, which no other command needs.
  const { openExportSums } = await import('../read-model/export/export-sums.ts')
  const spark = engine === 'spark' ? loadSparkConfig().command : null
  return openExportSums({ store, log: await store.logId(), folder, spark, limit })
}

export function analysisService(store: ExperimentationStore, { sums }: ExportSums): AnalysisService {
  return createAnalysisService({ store, clock: systemClock, sums })
}
