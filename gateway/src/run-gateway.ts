import { systemClock } from '@bulkhead/service/clock'
import { listen } from '@bulkhead/service/http-server'
import type { createLogger, Logger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { runService } from '@bulkhead/service/process/lifecycle'
import { startApp } from './app.ts'
import type { Config } from './config.ts'

const SERVICE = 'gateway'

/** Runs the gateway as the only purpose of the process, until a signal drains it. */
export function runGateway(options: {
  readonly loadConfig: () => Config
  readonly createLog: (settings: Parameters<typeof createLogger>[0]) => Logger
  /** Called once it listens. */
  readonly onReady: (address: { readonly host: string; readonly port: number }, log: Logger) => void
}): void {
  async function start() {
    const config = options.loadConfig()
    const log = options.createLog({ service: SERVICE, level: config.logLevel })
    const app = await startApp({
      config,
      clock: systemClock,
      log,
      metrics: createMetrics({ service: SERVICE }),
    })
    const { host } = config
    const port = await listen(app.http, { host, port: config.port })
    options.onReady({ host, port }, log)
    return { log, drainTimeoutMs: config.drainTimeoutMs, stop: app.stop }
  }
  runService({ name: SERVICE, start })
}
