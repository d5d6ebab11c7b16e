import { systemClock } from '@bulkhead/service/clock'
import { createClock } from '@bulkhead/service/config/development-clock'
import { listen } from '@bulkhead/service/http-server'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { type RunningService, runService } from '@bulkhead/service/process/lifecycle'
import { systemRandom } from '@bulkhead/service/random'
import { startApp } from './app.ts'
import { loadConfig } from './config.ts'
import { openPersonalizationStore } from './datastore/open.ts'

const SERVICE = 'personalization'

async function start(): Promise<RunningService> {
  const config = loadConfig()
  const log = createLogger({ service: SERVICE, level: config.logLevel })
  const metrics = createMetrics({ service: SERVICE })
  const store = await openPersonalizationStore(config.datastoreUrl, { log })
  const app = await startApp({
    config,
    store,
    clock: createClock(config.developmentClockFile),
    identityClock: systemClock,
    random: systemRandom,
    log,
    metrics,
  })
  const port = await listen(app.http, { host: config.host, port: config.port })
  log.info({ host: config.host, port }, 'personalization is up')

  return {
    log,
    drainTimeoutMs: config.drainTimeoutMs,
    async stop() {
      await app.stop()
      await store.close()
    },
  }
}

runService({ name: SERVICE, start })
