import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  developmentIdentity,
  SERVICES,
  type ServiceName,
  type SubgraphName,
  serviceEnvironment,
} from '@bulkhead/dev/environment'
import { type DevelopmentSecrets, generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { inject } from 'vitest'
import { loadDemo, sqliteUrls } from './demo.ts'
import { type Answer, query } from './graphql.ts'
import { freePorts } from './ports.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { readMetric } from './read-metric.ts'
import { tokenHeader, type User } from './token.ts'
import { waitUntil } from './wait-until.ts'

export type StackOptions = {
  /** Datastore URLs by subgraph; SQLite files in a folder of the stack's own where left out. */
  readonly datastores?: Readonly<Record<SubgraphName, string>>
  /** Settings on top of the defaults, by service. */
  readonly env?: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>
  /** Another stack's secrets: replicas of one deployment share them. */
  readonly secrets?: DevelopmentSecrets
  /** Loads the demo's catalogue, model and experiment before the start; true unless said otherwise. */
  readonly demo?: boolean
  /** Whether requests without a token are the developer's, with every scope; true unless said otherwise. */
  readonly developer?: boolean
}

export type Stack = {
  readonly secrets: DevelopmentSecrets
  readonly datastores: Readonly<Record<SubgraphName, string>>
  url(name: ServiceName, path?: string): string
  process(name: ServiceName): TestProcess
  /** Starts one service (again, after a kill) and waits until it is ready. */
  start(name: ServiceName): Promise<void>
  /** Runs a query through the gateway: as the developer, with every scope, or as somebody else. */
  query(text: string, variables?: Record<string, unknown>, options?: { readonly as?: User }): Promise<Answer>
  /** Sends events to experimentation as whoever has the token. */
  postEvents(
    token: string,
    batch: { readonly producer: string; readonly events: readonly object[] },
  ): Promise<unknown>
  /** Sum over all label sets of a counter or gauge of one service; `match` narrows it by `label="value"` texts. */
  metric(name: ServiceName, metric: string, match?: readonly string[]): Promise<number>
  /** Waits until personalization evaluates the newest snapshot. */
  snapshotArrives(): Promise<void>
  /** Drains every process and removes the data. */
  stop(): Promise<void>
}

/** Deadlines that even a slow test machine meets; tests about deadlines set their own. */
const PATIENT = { ENTITY_DEADLINE_MS: '5000', ROOT_DEADLINE_MS: '20000' }
/** Background work at a pace that suits tests. */
const BRISK: Readonly<Record<SubgraphName, Readonly<Record<string, string>>>> = {
  personalization: {
    SNAPSHOT_INTERVAL_MS: '200',
    RELAY_INTERVAL_MS: '50',
    RELAY_MAX_BACKOFF_MS: '1000',
    RELAY_REQUEST_TIMEOUT_MS: '2000',
    // After this time, events that a killed process had claimed can be claimed again.
    RELAY_LEASE_MS: '6000',
  },
  experimentation: {
    POSITION_INTERVAL_MS: '50',
    SNAPSHOT_REFRESH_MS: '100',
    COUNT_DELAY_MS: '300',
    // Suites that are about something else start experiments at once; `governance.e2e.ts` sets the default again.
    REVIEW_QUORUM: '0',
  },
}

/** Prepares a deployment of all three services as real processes; nothing runs before `start`. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-'))
  const [gateway = 0, personalization = 0, experimentation = 0] = await freePorts(3)
  const ports = { gateway, personalization, experimentation }
  const datastores = options.datastores ?? sqliteUrls(dataDir)
  let secrets = options.secrets ?? generateDevelopmentSecrets()
  if (options.demo !== false && !options.datastores) {
    const template = inject('demoTemplate')
    cpSync(template.folder, dataDir, { recursive: true })
    secrets = template.secrets
  } else if (options.demo !== false) await loadDemo(datastores, secrets)

  const processes = new Map<ServiceName, TestProcess>()
  const identity = options.developer === false ? {} : developmentIdentity({}, secrets)
  const environment = (name: ServiceName): Record<string, string> => ({
    ...serviceEnvironment(name, { ports, dataDir, mongodbUrl: null }, secrets),
    ...(name === 'gateway'
      ? { ...identity, ...PATIENT }
      : { ...BRISK[name], DATASTORE_URL: datastores[name] }),
    LOG_LEVEL: 'warn',
    ...options.env?.[name],
  })
  const url = (name: ServiceName, path = ''): string => `http://127.0.0.1:${ports[name]}${path}`

  const stack: Stack = {
    get secrets() {
      return secrets
    },
    datastores,
    url,
    process(name) {
      const found = processes.get(name)
      if (!found) throw new Error(`${name} was never started`)
      return found
    },
    async start(name) {
      const started = startProcess(name, environment(name))
      processes.set(name, started)
      await waitUntil(`${name} is ready`, async () => {
        if (started.exited()) throw new Error(`${name} ended before it was ready:\n${started.output()}`)
        return (await fetch(url(name, '/readyz'), { signal: AbortSignal.timeout(2_000) })).ok
      })
    },
    async query(text, variables, { as } = {}) {
      const headers = as === undefined ? {} : await tokenHeader(as, secrets.tokenSecret)
      return query(url('gateway', '/graphql'), text, variables, headers)
    },
    async postEvents(token, batch) {
      const response = await fetch(url('experimentation', '/v1/events'), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(batch),
      })
      return response.json()
    },
    metric: async (name, metric, match = []) =>
      readMetric(await (await fetch(url(name, '/metrics'))).text(), metric, match),
    async snapshotArrives() {
      const version = (name: SubgraphName) => stack.metric(name, 'bulkhead_snapshot_version')
      const newest = await version('experimentation')
      await waitUntil('the snapshot arrives', async () => (await version('personalization')) >= newest)
    },
    async stop() {
      await Promise.all([...processes.values()].map((running) => running.stop()))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return stack
}

/** A stack with all three services up and the snapshot arrived. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const stack = await createStack(options)
  try {
    await Promise.all(SERVICES.map((name) => stack.start(name)))
    if (options.demo !== false) await stack.snapshotArrives()
    return stack
  } catch (error) {
    await stack.stop()
    throw error
  }
}
