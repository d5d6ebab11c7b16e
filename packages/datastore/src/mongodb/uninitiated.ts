import { type Document, type MongoClient, MongoServerSelectionError, type ServerDescription } from 'mongodb'
import { redactUrl } from '../datastore-url.ts'
import { DatastoreStartupError } from '../errors.ts'

/**
 * The address of a server that was started with `--replSet` but whose replica set was never initiated, where that is
 * why the driver found no primary. Undefined where a server belongs to a set, or cannot be reached and so may belong to
 * one: to initiate another would split it.
 */
export function uninitiatedServer(error: unknown): string | undefined {
  if (!(error instanceof MongoServerSelectionError)) return undefined
  const servers = [...(error.reason?.servers.values() ?? [])]
  return servers.every(isUninitiated) ? servers[0]?.address : undefined
}

/** `RSGhost` is what the driver calls a replica-set node without a set. */
function isUninitiated({ type }: ServerDescription): boolean {
  return type === 'RSGhost'
}

/**
 * Connects, and returns what the server says about itself.
 * @throws DatastoreStartupError where a direct connection meets a replica-set node without a set. Other connections wait
 * for a primary until they fail; `uninitiatedServer` reads that failure.
 */
export async function connectAndGreet(client: MongoClient, url: string): Promise<Document> {
  await client.connect()
  const hello = await client.db('admin').command({ hello: 1 })
  if (hello.isreplicaset === true) throw uninitiatedError(url, String(client.options.hosts[0]))
  return hello
}

export function uninitiatedError(url: string, address: string, cause?: unknown): DatastoreStartupError {
  return new DatastoreStartupError(
    `MongoDB at ${redactUrl(url)} is a replica-set node, but its replica set was never initiated: run once ` +
      `\`mongosh mongodb://${address} --eval 'rs.initiate()'\``,
    { cause },
  )
}
