/** A process for lifecycle tests: `node test-service.ts SCENARIO`; prints `ready PORT` once it listens. */

import { z } from 'zod'
import { parseConfig } from '../config/config.ts'
import { port } from '../config/setting.ts'
import { createHttpServer, listen } from '../http-server.ts'
import { createLogger } from '../logging.ts'
import { createMetrics } from '../metrics.ts'
import { runService } from '../process/lifecycle.ts'

const [scenario, argument = '0'] = process.argv.slice(2)
const log = createLogger({ service: 'fixture', level: 'info' })

runService({
  name: 'fixture',
  async start() {
    const config = parseConfig(z.object({ PORT: port({ about: 'The port.' }) }), { PORT: argument })
    if (scenario === 'defect') throw new TypeError('a defect of the code')
    if (scenario === 'datastore') {
      throw Object.assign(new Error('cannot open SQLite database\n  x.db'), { name: 'DatastoreStartupError' })
    }
    const app = createHttpServer({
      log,
      metrics: createMetrics({ service: 'fixture' }),
      readiness: () => ({ ready: true, checks: {} }),
    })
    const release = Promise.withResolvers<void>()
    app.get('/slow', async () => {
      process.stdout.write('slow request arrived\n')
      await release.promise
      return 'served'
    })
    app.get('/reject', () => {
      void Promise.reject(new Error('nobody caught this'))
      return 'rejected'
    })
    process.stdout.write(`ready ${await listen(app, { host: '127.0.0.1', port: config.PORT })}\n`)
    return {
      log,
      drainTimeoutMs: scenario === 'stuck' ? 300 : 10_000,
      async stop() {
        // The slow request ends while the drain waits for it; where the scenario is "stuck", never.
        if (scenario !== 'stuck') setTimeout(release.resolve, 100)
        await app.close()
      },
    }
  },
})
