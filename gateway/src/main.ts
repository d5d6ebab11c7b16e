import { systemClock } from '@bulkhead/service/clock'
import { listen } from '@bulkhead/service/http-server'
import { runService } from '@bulkhead/service/lifecycle'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { startApp } from './app.ts'
import { disableVendorTelemetry, loadConfig } from './config.ts'

const SERVICE = 'gateway'

async function start() {
  disableVendorTelemetry()
  const config = loadConfig()
  const log = createLogger({ service: SERVICE, level: config.logLevel })
  const app = await startApp({
    config,
    clock: systemClock,
    log,
    metrics: createMetrics({ service: SERVICE }),
  })
  const port = await listen(app.http, { host: config.host, port: config.port })
  log.info({ host: config.host, port }, 'gateway is up')
  return { log, drainTimeoutMs: config.drainTimeoutMs, stop: app.stop }
}

runService({ name: SERVICE, start })
