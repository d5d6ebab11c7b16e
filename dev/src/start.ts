import { createServer } from 'node:net'
import { npmAncestors, whenAncestorEnds } from '@bulkhead/service/process/ancestors'
import { createDemo } from './demo/demo.ts'
import { demoTime } from './demo-time.ts'
import {
  developmentIdentity,
  isDevelopment,
  SERVICES,
  SUBGRAPHS,
  serviceEnvironment,
  type Topology,
} from './environment.ts'
import { type LauncherOptions, START } from './options.ts'
import { readCommandLine, runCommandLine } from './processes/command-line.ts'
import { type ServiceProcess, startService } from './processes/processes.ts'
import { waitUntilReady } from './processes/ready.ts'
import { shutdownOnEverything } from './processes/shutdown.ts'
import { runWithOptions } from './run-with-options.ts'
import { loadDevelopmentSecrets } from './secrets.ts'
import { welcome } from './welcome.ts'

const READY_TIMEOUT_MS = 30_000
/** This file, as package.json's script names it. */
const PROGRAM = 'dev/src/start.ts'

function assertPortFree(name: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `Port ${port} (${name}) is taken: stop what listens there, or choose others with \`npm start -- --port N\``
            : `Port ${port} (${name}) cannot be used: ${error.message}`,
        ),
      ),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()))
  })
}

async function assertPortsFree(ports: Topology['ports']): Promise<void> {
  for (const name of SERVICES) await assertPortFree(name, ports[name])
}

function write(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function launch(options: LauncherOptions): Promise<void> {
  const services: ServiceProcess[] = []
  const waiting = new AbortController()
  async function stopAll(): Promise<void> {
    // Whatever fails from now on does so because of that.
    waiting.abort()
    // The gateway first, so that it takes no request it cannot answer; experimentation last, to take the last events.
    for (const service of services.toReversed()) await service.stop()
  }
  const shutdown = shutdownOnEverything({ stopAll, write })
  whenAncestorEnds(npmAncestors(PROGRAM, process.env), () =>
    shutdown.begin(0, 'npm, which runs this, has ended: draining'),
  )

  const secrets = loadDevelopmentSecrets(options.dataDir)
  await assertPortsFree(options.ports)
  const identity = developmentIdentity(process.env, secrets)
  const time = isDevelopment(process.env) ? await demoTime(options) : {}
  const env = (name: (typeof SERVICES)[number]) => ({
    ...time,
    ...process.env,
    ...serviceEnvironment(name, options, secrets),
    ...(name === 'gateway' ? identity : {}),
  })

  if (options.demo) {
    // One after the other, so that what refuses both is said once.
    for (const subgraph of SUBGRAPHS) {
      const code = await runCommandLine(subgraph, ['demo', '--if-empty'], env(subgraph))
      // The command has printed why.
      if (code !== 0) process.exit(1)
    }
  }

  for (const name of SERVICES) services.push(startService({ name, env: env(name), write }))

  for (const service of services) {
    void service.ended.then(() => waiting.abort())
  }
  const ready = await waitUntilReady(options.ports, READY_TIMEOUT_MS, waiting.signal)
  if (shutdown.begun()) return
  if (!ready) {
    // A service that ended has logged why.
    const timedOut = `Not ready within ${READY_TIMEOUT_MS / 1_000} s: see the log above`
    return shutdown.begin(1, waiting.signal.aborted ? null : timedOut)
  }
  for (const service of services) service.keepAlive()
  const demo = await createDemo({
    launcher: options,
    tokenSecret: secrets.tokenSecret,
    personalization: (...args) =>
      readCommandLine('personalization', args, { env: env('personalization'), signal: waiting.signal }),
    write,
    signal: waiting.signal,
  })
  if (options.demo) await demo.prepare()
  write(welcome(options, { anonymous: !('DEV_IDENTITY' in identity) }))
  if (options.demo) await demo.goOn()
}

runWithOptions(START, launch)
