import type { DuckDBConnection } from '@duckdb/node-api'
import type { ErasedInstants } from '../domain/erasure.ts'
import { appendRows } from './append.ts'
import { type AttributeDictionary, readDictionary } from './attribute-dictionary.ts'
import { ReadModelGapError } from './errors.ts'
import { type Cell, eventRow } from './event-rows.ts'
import type { EventPage } from './port.ts'
import type { TableName } from './schema.ts'
import { inTransaction } from './transaction.ts'

export async function readThrough(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('select through from progress')
  return Number(reader.getRows()[0]?.[0])
}

/** Writes to the tables, one call after the other. */
export type Feeder = {
  feed(page: EventPage): Promise<void>
  erase(units: ErasedInstants): Promise<void>
}

export function createFeeder(connection: DuckDBConnection): Feeder {
  let dictionary: AttributeDictionary | null = null

  async function write(work: (dictionary: AttributeDictionary) => Promise<void>): Promise<void> {
    const used = dictionary ?? (await readDictionary(connection))
    dictionary = null
    await inTransaction(connection, () => work(used))
    dictionary = used
  }

  return {
    feed: (page) => write((used) => feedPage(connection, used, page)),
    async erase(units) {
      await write(() => eraseUnits(connection, units))
      dictionary = null
    },
  }
}

async function feedPage(
  connection: DuckDBConnection,
  dictionary: AttributeDictionary,
  { after, through, events }: EventPage,
): Promise<void> {
  const known = await readThrough(connection)
  if (after > known) {
    throw new ReadModelGapError(`the page begins after position ${after}, the read model ends at ${known}`)
  }
  if (through <= known) return
  const outside = events.find(({ position }) => position <= after || position > through)
  if (outside !== undefined) {
    throw new RangeError(`position ${outside.position} is outside of a page from ${after} to ${through}`)
  }
  const rows: Record<TableName, (readonly Cell[])[]> = {
    exposures: [],
    served: [],
    interactions: [],
    attributes: [],
  }
  for (const event of events) {
    if (event.position <= known) continue
    const row = eventRow(event, dictionary.id)
    if (row !== null) rows[row.table].push(row.cells)
  }
  rows.attributes = dictionary.takeNew().map(({ id, text }) => [id, text])
  for (const table of ['attributes', 'exposures', 'served', 'interactions'] as const) {
    await appendRows(connection, table, rows[table])
  }
  await connection.run('update progress set through = ?', [BigInt(through)])
}

/** By what the event said itself, as the datastore does it. */
const ERASE = `
delete from exposures where exists (select 1 from erased where erased.unit = exposures.unit and exposures.claimed <= erased.instant);
delete from served where exists (select 1 from erased where erased.unit = served.unit and served.claimed <= erased.instant);
delete from interactions where exists (select 1 from erased where erased.unit = interactions.unit and interactions.occurred <= erased.instant);
delete from attributes where not exists (select 1 from exposures where exposures.attributes = attributes.id)
  and not exists (select 1 from interactions where interactions.attributes = attributes.id);
drop table erased`

async function eraseUnits(connection: DuckDBConnection, units: ErasedInstants): Promise<void> {
  await connection.run('create temporary table erased (unit varchar not null, instant bigint not null)')
  const rows = [...units].map(([unit, instant]) => [unit, BigInt(instant)])
  await appendRows(connection, 'erased', rows)
  await connection.run(ERASE)
}
