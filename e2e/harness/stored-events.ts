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
      const blocks = database.prepare('SELECT rows FROM event_blocks WHERE kind = ?').all(kind)
      return blocks.flatMap(({ rows }) => idsOf(String(rows)))
    } finally {
      database.close()
    }
  }
  const client = new MongoClient(parsed.url)
  try {
    const blocks = client.db(parsed.database).collection<{ kind: string; rows: string }>('eventBlocks')
    const found = await blocks.find({ kind }, { projection: { rows: 1 } }).toArray()
    return found.flatMap(({ rows }) => idsOf(rows))
  } finally {
    await client.close()
  }
}

/** Everything that experimentation has stored, as text: table by table, or collection by collection. */
export async function storedText(url: string): Promise<string> {
  const parsed = parseDatastoreUrl(url)
  if (parsed.kind === 'sqlite') {
    const database = new DatabaseSync(parsed.path, { readOnly: true })
    try {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      return tables
        .map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM ${name}`).all()))
        .join('\n')
    } finally {
      database.close()
    }
  }
  const client = new MongoClient(parsed.url)
  try {
    const collections = await client.db(parsed.database).collections()
    const contents = await Promise.all(collections.map((collection) => collection.find().toArray()))
    return contents.map((documents) => JSON.stringify(documents)).join('\n')
  } finally {
    await client.close()
  }
}

/** Events are stored in blocks. A row begins with the index of what it shares with others, and then its event id. */
function idsOf(block: string): string[] {
  const { rows }: { rows: readonly (readonly unknown[])[] } = JSON.parse(block)
  // Of an erased event only the id is left.
  return rows.map((row) => String(row[1] ?? row[0]))
}
