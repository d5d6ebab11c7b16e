import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquireTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { datastoreUrl, ENTRY_POINTS, serviceEnvironment, type Topology } from '@bulkhead/dev/environment'
import { generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import { runToEnd, type TestProcess } from '@bulkhead/e2e/harness/processes'
import { readMetric } from '@bulkhead/e2e/harness/read-metric'
import { start } from '../harness/programs.ts'
import { fill, headersOf, isReady, urlOf } from '../recommend/services.ts'

/** Replicas of personalization on one datastore, which hold a catalogue and its listeners. */
export type Replicas = {
  readonly datastoreUrl: string
  readonly replicas: readonly { readonly url: string; readonly process: TestProcess }[]
  /** Of somebody who acts for users, and may promote and roll back models. */
  readonly headers: Readonly<Record<string, string>>
  /** Trains a model that is REGISTERED only. @returns its id */
  train(...options: readonly string[]): Promise<string>
  /** Of one replica: a counter or a gauge, the sum over its labels. */
  metric(replica: number, name: string): Promise<number>
}

export type Datastore = 'sqlite' | 'mongodb'
/** By what the command line calls them. */
export const DATASTORES: Readonly<Record<string, readonly Datastore[]>> = {
  both: ['sqlite', 'mongodb'],
  sqlite: ['sqlite'],
  mongodb: ['mongodb'],
}

/** Experimentation is not there: invariant 2. */
export async function startReplicas(
  datastore: Datastore,
  options: {
    readonly count: number
    readonly items: number
    readonly users: number
    readonly env?: Readonly<Record<string, string>>
  },
  resources: AsyncDisposableStack,
): Promise<Replicas | { readonly skipped: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-bench-model-path-'))
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  let mongodbUrl: string | null = null
  if (datastore === 'mongodb') {
    const mongo = await acquireTestMongo()
    if (mongo.kind === 'skipped') return { skipped: mongo.reason }
    resources.defer(() => mongo.stop())
    mongodbUrl = mongo.url('any')
  }
  const secrets = generateDevelopmentSecrets()
  const ports = await freePorts(options.count)
  const topology = (personalization: number): Topology => ({
    ports: { gateway: 1, personalization, experimentation: 1 },
    dataDir,
    mongodbUrl,
  })
  const envOf = (port: number) => ({
    ...serviceEnvironment('personalization', topology(port), secrets),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
  })
  await fill(topology(1), options)
  const replicas: { url: string; process: TestProcess }[] = []
  for (const [index, port] of ports.entries()) {
    const process = await start(
      {
        name: `replica ${index + 1} on ${datastore}`,
        args: [fileURLToPath(ENTRY_POINTS.personalization)],
        env: { ...envOf(port), ...options.env },
        ready: () => isReady(port, ['datastore']),
      },
      resources,
    )
    replicas.push({ url: urlOf(port), process })
  }
  return {
    datastoreUrl: datastoreUrl('personalization', topology(1)),
    replicas,
    headers: await headersOf(secrets, ['models:write', 'models:read']),
    async train(...more) {
      const printed = await runToEnd('personalization', ['train', '--register', ...more], envOf(1))
      const id = /Model (\S+) /.exec(printed)?.[1]
      if (id === undefined) throw new Error(printed)
      return id
    },
    async metric(replica, name) {
      const response = await fetch(new URL('/metrics', replicas[replica]?.url))
      return readMetric(await response.text(), name)
    },
  }
}
