import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { createClock } from '@bulkhead/service/config/development-clock'
import { createHttpServer, listen } from '@bulkhead/service/http-server'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import type { RunningService } from '@bulkhead/service/process/lifecycle'
import { systemRandom } from '@bulkhead/service/random'
import { loadAnalystConfig } from '../config.ts'
import { MIGRATE_COMMAND, openExperimentationStore } from '../datastore/open.ts'
import { createReadiness } from '../services/readiness.ts'
import { startAnalyst } from './start-analyst.ts'

/** In the log and the metrics, so that they are told from those of the replicas. */
const SERVICE = 'experimentation-analyst'

/**
 * A process that analyses.
 * @param options.listening whether it answers `/healthz`, `/readyz` and `/metrics` on a port of its own
 */
export async function runAnalyst(options: { readonly listening: boolean }): Promise<RunningService> {
  const config = loadAnalystConfig()
  const log = createLogger({ service: SERVICE, level: config.logLevel })
  const metrics = createMetrics({ service: SERVICE })
  const clock = createClock(config.developmentClockFile)
  const store = await openExperimentationStore(config.datastoreUrl, {
    log,
    whenBehind: config.production ? { refuseAndRun: MIGRATE_COMMAND } : 'migrate',
  })
  const { file: path, exportFolder: folder, eventMaxAgeMs, memoryLimit, threads, host } = config
  const analyst = startAnalyst({
    ...{ config, store, metrics, log },
    async openModel(id) {
      // The engine is large, and a process that waits for the lease does not need it.
      const { openReadModel } = await import('../read-model/duckdb-read-model.ts')
      mkdirSync(dirname(path), { recursive: true })
      const model = await openReadModel(path, { memoryLimit, threads, log: id })
      if (folder === null) return model
      const { beginWithExport } = await import('../read-model/export/load-export.ts')
      try {
        const erasuresKnownFrom = clock.now() - eventMaxAgeMs
        await beginWithExport(model, { folder, log: id, erasuresKnownFrom })
        return model
      } catch (error) {
        await model.close()
        throw error
      }
    },
    holder: `${hostname()} ${process.pid} ${randomUUID()}`,
    monotonic: () => performance.now(),
    clock,
    random: systemRandom,
  })
  const http = options.listening
    ? createHttpServer({ log, metrics, readiness: createReadiness({ store, log }) })
    : null
  if (http !== null) {
    const port = await listen(http, { host, port: config.port })
    log.info({ host, port }, 'the analyst is up')
  }
  return {
    log,
    drainTimeoutMs: config.drainTimeoutMs,
    async stop() {
      await http?.close()
      await analyst.stop()
      await store.close()
    },
  }
}
