import { join } from 'node:path'
import { acquireTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { prepareExperimentation, temporarySqlite } from '../harness/experimentation.ts'
import { start } from '../harness/programs.ts'
import { readUsage, type Usage } from '../harness/usage.ts'
import type { Order } from './order.ts'

/** Experimentation on one of its datastores, and that datastore without it. */
export type Ingest = {
  readonly name: 'sqlite' | 'mongodb'
  readonly ingest: Order['way']
  readonly bulk: Exclude<Order['way'], { type: 'ingest' }>
  /** The highest position that can be read. */
  head(): Promise<number>
  usage(): Usage
}

/** Between what tests give a mongod and its default, half of the machine's memory. */
const CACHE_GB = 4

export type Skipped = { readonly name: 'mongodb'; readonly skipped: string }

export function startOnSqlite(resources: AsyncDisposableStack): Promise<Ingest> {
  const { dataDir, url } = temporarySqlite(resources)
  return startService('sqlite', url, { type: 'transaction', path: join(dataDir, 'bulk.db') }, resources)
}

export async function startOnMongo(resources: AsyncDisposableStack): Promise<Ingest | Skipped> {
  const mongo = await acquireTestMongo(CACHE_GB)
  if (mongo.kind === 'skipped') return { name: 'mongodb', skipped: mongo.reason }
  resources.defer(() => mongo.stop())
  const bulk = { type: 'insertMany', url: mongo.url('bulk'), collection: 'events' } as const
  return startService('mongodb', mongo.url('experimentation'), bulk, resources)
}

async function startService(
  name: Ingest['name'],
  url: string,
  bulk: Ingest['bulk'],
  resources: AsyncDisposableStack,
): Promise<Ingest> {
  const { program, secrets } = await prepareExperimentation({
    name: `experimentation on ${name}`,
    datastoreUrl: url,
  })
  const started = await start(program, resources)
  return {
    name,
    ingest: { type: 'ingest', url: `${program.url}/v1/events`, token: secrets.eventsWriteToken },
    bulk,
    async head() {
      const text = await (await fetch(`${program.url}/metrics`)).text()
      const value = /^bulkhead_ingest_head(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1]
      if (value === undefined) throw new Error('the service shows no bulkhead_ingest_head')
      return Number(value)
    },
    usage: () => readUsage(started.pid),
  }
}
