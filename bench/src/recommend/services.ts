import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquireTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { datastoreUrl, ENTRY_POINTS, serviceEnvironment, type Topology } from '@bulkhead/dev/environment'
import { type DevelopmentSecrets, generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import { runToEnd, type TestProcess } from '@bulkhead/e2e/harness/processes'
import { serveNewestModel } from '@bulkhead/e2e/harness/serve-model'
import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'
import { IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { z } from 'zod'
import { signBackend } from '../harness/backend-identity.ts'
import { start } from '../harness/programs.ts'
import { INTERACTIONS_PER_USER, interactionsOf, itemAt } from './catalogue.ts'

/** A server that is asked for slates. */
export type SlateServer = {
  readonly process: TestProcess
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** With what commands beside it need. */
export type PersonalizationServer = SlateServer & {
  /** Where its events go. */
  readonly experimentation: TestProcess
  readonly env: Readonly<Record<string, string>>
  /** A folder that goes with the server. */
  readonly dataDir: string
  /** An empty datastore of the same kind, on the same mongod. */
  readonly emptyUrl: string
}

const CACHE_GB = 4
const ROWS_PER_CALL = 500
const LONGEST_START_MS = 900_000
const CONSTANT_MAIN = fileURLToPath(new URL('./constant-main.ts', import.meta.url))

const readinessSchema = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean() })),
})

export type Sizes = { readonly items: number; readonly users: number }

/**
 * Personalization and experimentation on one datastore, with a catalogue, its listeners and a model of them.
 * @param training options of `train`
 */
export async function startPersonalization(
  datastore: 'sqlite' | 'mongodb',
  sizes: Sizes,
  resources: AsyncDisposableStack,
  training: readonly string[] = [],
): Promise<PersonalizationServer | { readonly skipped: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-bench-recommend-'))
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  let mongodbUrl: string | null = null
  let emptyUrl = `sqlite:${join(dataDir, 'empty.db')}`
  if (datastore === 'mongodb') {
    const mongo = await acquireTestMongo(CACHE_GB)
    if (mongo.kind === 'skipped') return { skipped: mongo.reason }
    resources.defer(() => mongo.stop())
    mongodbUrl = mongo.url('any')
    emptyUrl = mongo.url('empty')
  }
  const [personalization = 0, experimentation = 0] = await freePorts(2)
  const topology = { ports: { gateway: 1, personalization, experimentation }, dataDir, mongodbUrl }
  const secrets = generateDevelopmentSecrets()
  const envOf = (name: 'personalization' | 'experimentation') => ({
    ...serviceEnvironment(name, topology, secrets),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
  })
  await runToEnd('experimentation', ['demo', '--if-empty'], envOf('experimentation'))
  await fill(topology, sizes)
  await runToEnd('personalization', ['train', ...training], envOf('personalization'))
  await serveNewestModel(datastoreUrl('personalization', topology))
  const args = (name: 'personalization' | 'experimentation') => [fileURLToPath(ENTRY_POINTS[name])]
  const ready = (port: number) => () => isReady(port)
  const experimentationProcess = await start(
    {
      name: 'experimentation',
      args: args('experimentation'),
      env: envOf('experimentation'),
      ready: ready(experimentation),
    },
    resources,
  )
  const process = await start(
    {
      name: `personalization on ${datastore}`,
      args: args('personalization'),
      env: envOf('personalization'),
      ready: ready(personalization),
      // It reads the catalogue, and puts the model's items in groups.
      readyWithinMs: LONGEST_START_MS,
    },
    resources,
  )
  const headers = await headersOf(secrets)
  return {
    process,
    experimentation: experimentationProcess,
    url: urlOf(personalization),
    headers,
    env: envOf('personalization'),
    dataDir,
    emptyUrl,
  }
}

/**
 * The same server with one slate in memory.
 * @param written the datastore in which each answered slate is kept; null for none
 */
export async function startConstant(
  resources: AsyncDisposableStack,
  written: string | null = null,
): Promise<SlateServer> {
  const [personalization = 0] = await freePorts(1)
  const topology = {
    ports: { gateway: 1, personalization, experimentation: 1 },
    dataDir: tmpdir(),
    mongodbUrl: null,
  }
  const secrets = generateDevelopmentSecrets()
  const env = {
    ...serviceEnvironment('personalization', topology, secrets),
    LOG_LEVEL: 'warn',
    ...(written !== null && { DATASTORE_URL: written }),
  }
  const args = written === null ? [CONSTANT_MAIN] : [CONSTANT_MAIN, 'written']
  const process = await start(
    { name: 'constant', args, env, ready: () => isReady(personalization) },
    resources,
  )
  return { process, url: urlOf(personalization), headers: await headersOf(secrets) }
}

export async function fill(topology: Topology, { items, users }: Sizes): Promise<void> {
  const store = await openPersonalizationStore(datastoreUrl('personalization', topology), {
    pauseBulkWrites: false,
  })
  try {
    for (let from = 0; from < items; from += ROWS_PER_CALL) {
      const count = Math.min(ROWS_PER_CALL, items - from)
      await store.upsertItems(Array.from({ length: count }, (_, n) => itemAt(from + n)))
    }
    const usersPerCall = ROWS_PER_CALL / INTERACTIONS_PER_USER
    for (let from = 0; from < users; from += usersPerCall) {
      const count = Math.min(usersPerCall, users - from)
      const batch = Array.from({ length: count }, (_, n) => interactionsOf(from + n, items))
      await store.importInteractions(batch.flat())
    }
  } finally {
    await store.close()
  }
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/graphql`
}

export async function headersOf(
  secrets: DevelopmentSecrets,
  scopes: Parameters<typeof signBackend>[1] = [],
): Promise<Readonly<Record<string, string>>> {
  return {
    'content-type': 'application/json',
    'x-request-id': randomBytes(8).toString('hex'),
    [GATEWAY_SECRET_HEADER]: secrets.gatewaySecret,
    [IDENTITY_HEADER]: await signBackend(secrets, scopes),
  }
}

/** @param needed the checks that have to be good; all of them unless said otherwise */
export async function isReady(port: number, needed: readonly string[] | null = null): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  const { ready, checks } = readinessSchema.parse(await response.json())
  const asked = Object.entries(checks).filter(([name]) => needed === null || needed.includes(name))
  return ready && asked.every(([, { ok }]) => ok)
}
