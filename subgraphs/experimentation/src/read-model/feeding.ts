import type { DuckDBConnection } from '@duckdb/node-api'
import { appendEvents } from './append-events.ts'
import { type AttributeDictionary, readDictionary } from './attribute-dictionary.ts'
import { eraseKnown, eraseUnits } from './erasing.ts'
import { ReadModelGapError } from './errors.ts'
import type { EventPage, ReadModel } from './port.ts'
import { advance, readThrough, writeLastEvent } from './progress.ts'
import { inTransaction } from './transaction.ts'

/** Writes to the tables, one call after the other. */
export type Feeder = Pick<ReadModel, 'feed' | 'skip' | 'erase' | 'eraseKnown'> & {
  /** @param work adds rows, and ids of attributes, without the dictionary */
  load(work: (connection: DuckDBConnection) => Promise<void>): Promise<void>
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
    skip: ({ position, completeFrom }) =>
      write(() => advance(connection, { through: position, completeFrom })),
    async load(work) {
      await write(() => work(connection))
      dictionary = null
    },
    async erase(units) {
      await write(() => eraseUnits(connection, units))
      dictionary = null
    },
    async eraseKnown(read) {
      let erased = false
      await write(async () => {
        erased = await eraseKnown(connection, read)
      })
      if (erased) dictionary = null
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
  const added = events.filter(({ position }) => position > known)
  await appendEvents(connection, dictionary, added)
  const last = added.at(-1)
  if (last !== undefined) {
    await writeLastEvent(connection, { position: last.position, eventId: last.event.eventId })
  }
  await advance(connection, { through, completeFrom: 0 })
}
