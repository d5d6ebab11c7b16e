import { createServer } from 'node:net'
import { signDevelopmentToken } from '@bulkhead/gateway/identity/development-token'
import { SCOPES } from '@bulkhead/service/identity/identity'
import { npmAncestors, whenAncestorEnds } from '@bulkhead/service/process/ancestors'
import { listen } from './demo-listeners.ts'
import { developmentIdentity, SERVICES, SUBGRAPHS, serviceEnvironment, type Topology } from './environment.ts'
import { type LauncherOptions, START } from './options.ts'
import { runCommandLine } from './processes/command-line.ts'
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
  async function stopAll(): Promise<void> {
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
  const env = (name: (typeof SERVICES)[number]) => ({
    ...process.env,
    ...serviceEnvironment(name, options, secrets),
    ...(name === 'gateway' ? identity : {}),
  })

  if (options.demo) {
    for (const subgraph of SUBGRAPHS) {
      const code = await runCommandLine(subgraph, ['demo', '--if-empty'], env(subgraph))
      // The command has printed why.
      if (code !== 0) process.exit(1)
    }
  }

  for (const name of SERVICES) services.push(startService({ name, env: env(name), write }))

  const waiting = new AbortController()
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
  write(welcome(options, { anonymous: !('DEV_IDENTITY' in identity) }))
  if (options.demo) await listenToDemo(options, secrets.tokenSecret, waiting.signal)
}

/** What goes wrong here is said and changes nothing: everything else works without it. */
async function listenToDemo({ ports }: LauncherOptions, secret: string, signal: AbortSignal): Promise<void> {
  const token = await signDevelopmentToken({ secret, subject: 'demo', scopes: SCOPES, lifetimeS: 300 })
  try {
    const url = `http://127.0.0.1:${ports.gateway}/graphql`
    const listening = await listen({ url, token, signal })
    if (listening.type === 'nothing-to-do') return
    const { listeners, plays } = listening
    write(
      `Demo: ${listeners} listeners have fetched a slate and played ${plays} items of them, so home-mix has a first result: npm run experimentation -- analyze home-mix`,
    )
  } catch (error) {
    if (!signal.aborted)
      write(`Demo: its listeners gave up: ${error instanceof Error ? error.message : error}`)
  }
}

runWithOptions(START, launch)
