import { DatabaseSync } from 'node:sqlite'
import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import { MongoClient } from 'mongodb'

/**
 * The ids of all events of one kind that experimentation has stored, read from its datastore: no query of the graph
 * lists raw events, and a count would hide a row that is stored twice.
 */
export async function storedEventIds(url: string, kind: string): Promise<readonly string[]> {
  const parsed = parseDatastoreUrl(url)
  if (parsed.kind === 'sqlite') {
    const database = new DatabaseSync(parsed.path, { readOnly: true })
    try {
      const rows = database.prepare('SELECT event_id FROM events WHERE kind = ?').all(kind)
      return rows.map((row) => String(row.event_id))
    } finally {
      database.close()
    }
  }
  const client = new MongoClient(parsed.url)
  try {
    const events = client.db(parsed.database).collection<{ _id: string; body: string }>('events')
    // The kind is inside the body, which is JSON text there.
    const found = await events.find({}, { projection: { body: 1 } }).toArray()
    return found.filter(({ body }) => JSON.parse(body).kind === kind).map((event) => event._id)
  } finally {
    await client.close()
  }
}
