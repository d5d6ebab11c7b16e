import { DatabaseSync } from 'node:sqlite'
import { derivedEventId } from '@bulkhead/contracts'
import { MongoClient } from 'mongodb'
import { ratingAt } from './ratings-file.ts'

const BATCH = 5_000

type Document = {
  readonly _id: string
  readonly userId: string
  readonly itemId: string
  readonly type: string
  readonly slateId: null
  readonly value: number
  readonly occurredAt: number
}

/**
 * What the stores can do by themselves with the same rows: unique by their ids, without any other index, made before the
 * clock starts.
 * @returns milliseconds
 */
export async function insertManyInMongo(url: string, rows: number): Promise<number> {
  const client = new MongoClient(url, { writeConcern: { w: 'majority', journal: true } })
  try {
    await client.connect()
    const collection = client.db().collection<Document>(`bulk_${rows}`)
    let ms = 0
    for (let from = 0; from < rows; from += BATCH) {
      const documents = prepare(from, rows)
      const started = performance.now()
      await collection.insertMany(documents, { ordered: false })
      ms += performance.now() - started
    }
    return ms
  } finally {
    await client.close()
  }
}

/** One prepared statement in one transaction. */
export function insertInSqlite(path: string, rows: number): number {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec(
      'CREATE TABLE bulk (id TEXT PRIMARY KEY, user_id TEXT, item_id TEXT, type TEXT, slate_id TEXT, value REAL, at INTEGER) STRICT',
    )
    const insert = database.prepare('INSERT INTO bulk VALUES (?, ?, ?, ?, ?, ?, ?)')
    let ms = 0
    database.exec('BEGIN IMMEDIATE')
    for (let from = 0; from < rows; from += BATCH) {
      const documents = prepare(from, rows)
      const started = performance.now()
      for (const { _id, userId, itemId, type, slateId, value, occurredAt } of documents) {
        insert.run(_id, userId, itemId, type, slateId, value, occurredAt)
      }
      ms += performance.now() - started
    }
    const started = performance.now()
    database.exec('COMMIT')
    return ms + performance.now() - started
  } finally {
    database.close()
  }
}

function prepare(from: number, rows: number): Document[] {
  return Array.from({ length: Math.min(BATCH, rows - from) }, (_, at) => {
    const { userId, itemId, rating, seconds } = ratingAt(from + at, rows)
    const occurredAt = seconds * 1000
    const time = new Date(occurredAt).toISOString()
    const _id = derivedEventId('import', userId, itemId, 'PLAY', time)
    return { _id, userId, itemId, type: 'PLAY', slateId: null, value: rating, occurredAt }
  })
}
