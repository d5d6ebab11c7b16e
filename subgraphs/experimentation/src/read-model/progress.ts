import type { DuckDBConnection } from '@duckdb/node-api'
import type { ReadModel } from './port.ts'

async function readProgress(connection: DuckDBConnection, columns: string): Promise<readonly unknown[]> {
  const reader = await connection.runAndReadAll(`select ${columns} from progress`)
  return reader.getRows()[0] ?? []
}

export async function readThrough(connection: DuckDBConnection): Promise<number> {
  const [through] = await readProgress(connection, 'through')
  return Number(through)
}

/** The last position whose event would be in it, and the instant from which on none is missing: 0 for none at all. */
export async function readExtent(
  connection: DuckDBConnection,
): Promise<{ readonly through: number; readonly completeFrom: number }> {
  const [through, completeFrom] = await readProgress(connection, 'through, complete_from')
  return { through: Number(through), completeFrom: Number(completeFrom) }
}

export async function readLastEvent(
  connection: DuckDBConnection,
): Promise<Awaited<ReturnType<ReadModel['lastEvent']>>> {
  const [position, eventId] = await readProgress(connection, 'last_position, last_event')
  return Number(position) === 0 ? null : { position: Number(position), eventId: String(eventId) }
}

/** From which instant on erasures have to be asked for, and when they were asked for last. */
type ErasuresRead = { readonly from: number; readonly at: number }

export async function readErasuresRead(connection: DuckDBConnection): Promise<ErasuresRead> {
  const [from, at] = await readProgress(connection, 'erasures_from, erasures_read_at')
  return { from: Number(from), at: Number(at) }
}

export async function writeErasuresRead(
  connection: DuckDBConnection,
  { from, at }: ErasuresRead,
): Promise<void> {
  const set = 'update progress set erasures_from = ?, erasures_read_at = ?'
  await connection.run(set, [BigInt(from), BigInt(at)])
}

/**
 * Moves the end of what was read to a position, where it is not there yet.
 * @param to.completeFrom the instant before which events may be missing in what was read
 */
export async function advance(
  connection: DuckDBConnection,
  { through, completeFrom }: { readonly through: number; readonly completeFrom: number },
): Promise<void> {
  const set = 'update progress set through = ?, complete_from = greatest(complete_from, ?) where through < ?'
  await connection.run(set, [BigInt(through), BigInt(completeFrom), BigInt(through)])
}

export async function writeLastEvent(
  connection: DuckDBConnection,
  { position, eventId }: { readonly position: number; readonly eventId: string },
): Promise<void> {
  const set = 'update progress set last_position = ?, last_event = ?'
  await connection.run(set, [BigInt(position), eventId])
}
