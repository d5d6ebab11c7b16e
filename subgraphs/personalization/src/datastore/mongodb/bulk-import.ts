import type { DatastoreLog } from '@bulkhead/datastore/log'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import { ignoreMissingIndex } from '@bulkhead/datastore/mongodb/ignore'
import type { ClientSession, Db, MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { z } from 'zod'
import { type CallLimit, MAX_ROWS_PER_CALL } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { type Collections, openCollections } from './collections.ts'
import { OUTBOX_INDEX } from './migrations.ts'
import { recountPopularity } from './popularity.ts'

/** Each call is one message of documents. */
const BULK_ROWS_PER_CALL = 5_000

/** Dropping and building the indexes takes longer than to import fewer rows with them. */
const FEWEST_ROWS_TO_DEFER = 20_000

/** While other imports and erasures go on, each count may miss what they change. After so many it is left to the last of them. */
const MAX_COUNTS = 3

/** Unique ids make repetition harmless, and the relay delivers what services record meanwhile. */
const KEPT_INDEXES: ReadonlySet<string> = new Set(['_id_', OUTBOX_INDEX])

const ID = { _id: 'interactions' } as const

/** As `listIndexes` gives them; also those that an operator has added. */
const directionSchema = z.union([z.number(), z.enum(['2d', '2dsphere', 'text', 'hashed'])])
const indexesSchema = z.array(z.looseObject({ name: z.string(), key: z.record(z.string(), directionSchema) }))

type Deferral = {
  /** As `BulkImportDocument` keeps them. */
  readonly indexes: string
  /** The note of the call before, which is written while the next rows are stored. Never rejects. */
  noting: Promise<void>
}

type BulkImport = Pick<PersonalizationStore, 'beginBulkImport' | 'endBulkImport'> & {
  /** Whether interactions are stored without indexes, and without being counted for popularity. */
  isDeferring(): boolean
  /** After a call that has stored interactions without counting them. */
  noteChange(): Promise<void>
  /** Waits for what `noteChange` is still writing. */
  drain(): Promise<void>
}

/**
 * A large import into a store without interactions (ADR 0045) drops their indexes, except the one of the outbox, and
 * builds them at its end; then it counts popularity from all interactions. Nobody has a history yet that could not be
 * read meanwhile. What it deferred stands in `bulk_imports`, so that the next process to open the store makes up for an
 * import that was killed (`finishLeftImport`). That process cannot know whether the import is still alive: if it is, it
 * goes on, with indexes, and counts again at its end.
 */
export function createMongoBulkImport(
  datastore: Pick<MongoDatastore, 'openPatient'>,
  collections: Collections,
  limit: CallLimit,
): BulkImport {
  const { interactions, bulkImports } = collections
  let deferral: Deferral | null = null

  async function defer(): Promise<Deferral | null> {
    const all = indexesSchema.parse(await interactions.listIndexes().toArray())
    const dropped = all.filter(({ name }) => !KEPT_INDEXES.has(name))
    const indexes = JSON.stringify(dropped)
    try {
      await bulkImports.insertOne({ ...ID, changes: 0, indexes })
    } catch (error) {
      // Another import is deferring; its list is the one that is complete.
      if (isDuplicateKey(error)) return null
      throw error
    }
    for (const { name } of dropped) await interactions.dropIndex(name).catch(ignoreMissingIndex)
    // Once more, in case that another process has put the store in order before the indexes were dropped.
    await note(indexes)
    return { indexes, noting: Promise.resolve() }
  }

  /** Counts a change, and writes the deferral down again where another process has put the store in order since. */
  async function note(indexes: string): Promise<void> {
    await bulkImports.updateOne(ID, { $inc: { changes: 1 }, $setOnInsert: { indexes } }, { upsert: true })
  }

  return {
    isDeferring: () => deferral !== null,

    async noteChange() {
      if (deferral === null) return
      const { indexes, noting } = deferral
      // The end counts whatever was noted.
      deferral.noting = noting.then(() => note(indexes)).catch(() => undefined)
      await noting
    },

    async beginBulkImport(expectedRows) {
      limit.rows = BULK_ROWS_PER_CALL
      if (deferral === null && expectedRows >= FEWEST_ROWS_TO_DEFER) {
        const first = await interactions.findOne({}, { projection: { _id: 1 } })
        if (first === null) deferral = await defer()
      }
      return limit.rows
    },

    async endBulkImport() {
      limit.rows = MAX_ROWS_PER_CALL
      const ended = deferral
      deferral = null
      if (ended === null) return
      await ended.noting
      const patient = datastore.openPatient()
      try {
        await putInOrder(patient.db, ended.indexes, MAX_COUNTS)
      } finally {
        await patient.close()
      }
    },

    async drain() {
      await deferral?.noting
    },
  }
}

/** Builds the indexes and counts for an import that was killed, or has not ended yet. Does nothing where there is none. */
export async function finishLeftImport(
  { db, openPatient }: Pick<MongoDatastore, 'db' | 'openPatient'>,
  log: Pick<DatastoreLog, 'info'> | undefined,
): Promise<void> {
  const left = await openCollections(db).bulkImports.findOne(ID)
  if (left === null) return
  log?.info({}, 'an import has not ended: building its indexes and counting popularity')
  const patient = openPatient()
  try {
    await putInOrder(patient.db, left.indexes, 1)
  } finally {
    await patient.close()
  }
}

/**
 * Builds the indexes, counts popularity meanwhile, and removes the note of what was deferred. The note stays where something
 * has changed during each count: then whoever changed it counts at its end, or the next process to open the store.
 * @param counts how many counts are made at most
 */
export async function putInOrder(
  db: Db,
  indexes: string,
  counts: number,
  recount = recountPopularity,
): Promise<void> {
  const collections = openCollections(db)
  const { bulkImports } = collections
  const building = buildIndexes(collections, indexes)
  // It is awaited below. Without this a failure before that would end the process.
  building.catch(() => undefined)
  for (let count = 1; count <= counts; count++) {
    const before = await bulkImports.findOne(ID)
    await Promise.all([building, recount(collections, Date.now())])
    if (before === null) return
    const { deletedCount } = await bulkImports.deleteOne({ ...ID, changes: before.changes })
    if (deletedCount === 1) return
  }
}

/**
 * In two commands, each of which reads the collection once, because the server has one thread for each. Harmless for
 * indexes that exist; a build that another process has begun is waited for.
 */
async function buildIndexes(
  { interactions }: Pick<Collections, 'interactions'>,
  indexes: string,
): Promise<void> {
  const dropped = indexesSchema.parse(JSON.parse(indexes))
  const halves = [0, 1].map((half) => dropped.filter((_, at) => at % 2 === half))
  await Promise.all(halves.filter((half) => half.length > 0).map((half) => interactions.createIndexes(half)))
}

/**
 * To be called where interactions are deleted, or were stored without being counted: a count that is running may still
 * include, or lack, them.
 */
export async function noteUncounted(
  { bulkImports }: Pick<Collections, 'bulkImports'>,
  session?: ClientSession,
): Promise<void> {
  await bulkImports.updateOne(ID, { $inc: { changes: 1 } }, { ...(session && { session }) })
}
