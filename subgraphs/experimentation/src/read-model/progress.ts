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
