import { DatabaseSync } from 'node:sqlite'
import { MongoClient } from 'mongodb'
import { sampleEvents } from './events.ts'
import { BATCH, type Order, type Put } from './order.ts'

type Document = { readonly _id: string; readonly producer: string; readonly recordedAt: number }

/**
 * What the store can do by itself with the same documents: one for each event, unique by its id, without any other index.
 * They stay there, as ours do. MongoDB: `insertMany` as durable as ours. SQLite: a prepared statement, all in one
 * transaction, one fsync.
 */
export function createBulkInsert(
  order: Order & { readonly way: Exclude<Order['way'], { type: 'ingest' }> },
  now: number,
): Promise<Put<Document[]>> | Put<Document[]> {
  const { way } = order
  function prepare(from: number): Document[] {
    return sampleEvents(from, BATCH, now).map(({ eventId, ...event }) => ({
      _id: eventId,
      ...event,
      producer: 'bench-1',
      recordedAt: now,
    }))
  }
  return way.type === 'insertMany' ? insertMany(way, prepare) : transaction(way.path, prepare)
}

async function insertMany(
  { url, collection }: { readonly url: string; readonly collection: string },
  prepare: (from: number) => Document[],
): Promise<Put<Document[]>> {
  const client = new MongoClient(url, { writeConcern: { w: 'majority', journal: true }, maxPoolSize: 100 })
  await client.connect()
  const documents = client.db().collection<Document>(collection)
  return {
    prepare,
    put: async (batch) => void (await documents.insertMany(batch, { ordered: false })),
    end: () => client.close(),
  }
}

function transaction(path: string, prepare: (from: number) => Document[]): Put<Document[]> {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE IF NOT EXISTS bulk (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO bulk (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
  let open = false
  return {
    prepare,
    async put(batch) {
      if (!open) database.exec('BEGIN IMMEDIATE')
      open = true
      for (const { _id, ...body } of batch) insert.run(_id, JSON.stringify(body))
    },
    async commit() {
      database.exec('COMMIT')
    },
    async end() {
      database.close()
    },
  }
}
