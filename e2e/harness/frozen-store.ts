import { DatabaseSync } from 'node:sqlite'
import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import { MongoClient } from 'mongodb'

/**
 * Freezes a datastore for writes: another process holds the write lock of the SQLite file, MongoDB is locked as for a
 * backup.
 * @returns thaws it
 */
export async function freezeStore(url: string): Promise<() => Promise<void>> {
  const parsed = parseDatastoreUrl(url)
  if (parsed.kind === 'sqlite') {
    const database = new DatabaseSync(parsed.path, { timeout: 5_000 })
    database.exec('BEGIN IMMEDIATE')
    return async () => {
      database.exec('ROLLBACK')
      database.close()
    }
  }
  const client = new MongoClient(parsed.url)
  await client.db('admin').command({ fsync: 1, lock: true })
  return async () => {
    await client.db('admin').command({ fsyncUnlock: 1 })
    await client.close()
  }
}
