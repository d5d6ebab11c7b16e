import { systemClock } from '@bulkhead/service/clock'
import { createClock } from '@bulkhead/service/config/development-clock'
import { listen } from '@bulkhead/service/http-server'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { type RunningService, runService } from '@bulkhead/service/process/lifecycle'
import { systemRandom } from '@bulkhead/service/random'
import { startAnalystProcess } from './analyst/analyst-process.ts'
import { startApp } from './app.ts'
import { loadConfig } from './config.ts'
import { MIGRATE_COMMAND, openExperimentationStore } from './datastore/open.ts'
import { createLogSums } from './read-model/log-sums.ts'
import { openTemporaryReadModel } from './read-model/temporary-read-model.ts'

const SERVICE = 'experimentation'
/** Few, because requests wait while they are read. */
const EVENTS_PER_READ = 500

async function start(): Promise<RunningService> {
  const config = loadConfig()
  const log = createLogger({ service: SERVICE, level: config.logLevel })
  const metrics = createMetrics({ service: SERVICE })
  const store = await openExperimentationStore(config.datastoreUrl, {
    log,
    // Here a migration may take longer than anybody waits for a start, and replicas of the older release may be running.
    whenBehind: config.production ? { refuseAndRun: MIGRATE_COMMAND } : 'migrate',
  })
  // A database in memory is nobody else's.
  const isApart = config.datastoreUrl !== 'sqlite::memory:'
  const engine = isApart
    ? 'apart'
    : ({
        name: 'DUCKDB',
        sums: createLogSums({ store, openModel: openTemporaryReadModel, limit: EVENTS_PER_READ }),
      } as const)
  const app = await startApp({
    config,
    store,
    engine,
    clock: createClock(config.developmentClockFile),
    identityClock: systemClock,
    random: systemRandom,
    log,
    metrics,
  })
  const port = await listen(app.http, { host: config.host, port: config.port })
  log.info({ host: config.host, port }, 'experimentation is up')

  const { drainTimeoutMs } = config
  const analyst =
    isApart && config.analysis === 'embedded' ? startAnalystProcess({ drainTimeoutMs, log }) : null

  return {
    log,
    drainTimeoutMs,
    async stop() {
      await Promise.all([app.stop(), analyst?.stop()])
      await store.close()
    },
  }
}

runService({ name: SERVICE, start })
