import type { createFollower } from '../follow.ts'
import { createLogReader } from '../log-sums.ts'
import type { Sums, SumsQuery } from '../port.ts'
import { openSparkSession } from '../spark/spark-session.ts'
import { createSparkSums } from '../spark/spark-sums.ts'
import { openTemporaryReadModel } from '../temporary-read-model.ts'
import { loadExport } from './load-export.ts'
import { readExport } from './manifest.ts'

export type ExportSums = {
  readonly sums: (query: SumsQuery, signal?: AbortSignal) => Promise<Sums>
  /** The last position that can be asked for; null for the last one of the log. */
  readonly through: number | null
  close(): Promise<void>
}

/**
 * Sums from an export: on DuckDB together with the events that are in the log beyond it, on Spark from the export alone.
 *
 * @param options.log the id of the datastore
 * @param options.spark the command of Spark; null for DuckDB
 * @param options.limit events of the log that are read at once
 * @throws ExportUnusableError where the folder holds no export of this datastore, or none for Spark
 * @throws SparkUnusableError where Spark cannot be started
 */
export async function openExportSums(options: {
  readonly store: Parameters<typeof createFollower>[0]['store']
  readonly log: string
  readonly folder: string
  readonly spark: readonly string[] | null
  readonly limit: number
}): Promise<ExportSums> {
  const { store, log, folder, spark, limit } = options
  const manifest = readExport(folder, log)
  if (spark !== null) {
    const session = await openSparkSession(spark)
    try {
      const sums = createSparkSums({ session, folder, manifest })
      return { sums, through: manifest.through, close: () => session.close() }
    } catch (error) {
      await session.close()
      throw error
    }
  }
  async function openModel() {
    const model = await openTemporaryReadModel()
    try {
      await loadExport(model, folder, manifest)
      return model
    } catch (error) {
      await model.close()
      throw error
    }
  }
  return { ...createLogReader({ store, openModel, limit }), through: null }
}
