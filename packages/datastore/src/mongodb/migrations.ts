import type { Db } from 'mongodb'
import { checkVersions, tooNew, tooOld, type WhenBehind } from '../sqlite/migrations.ts'
import { ignoreDuplicates } from './ignore.ts'

/** One step of the schema. Never changed once released. */
export type MongoMigration = {
  /** From 1, without gaps. */
  version: number
  name: string
  /** Must be idempotent: replicas that start together may both run it, and a crash repeats it. */
  up(db: Db): Promise<void>
}

type AppliedMigration = { _id: number; name: string; appliedAt: number }

/**
 * Applies what is missing, in order; the row in `schema_migrations` is written after its step has succeeded.
 * @param openPatient the database through a client that waits for as long as a step takes
 * @throws DatastoreStartupError for a database that newer code has migrated, or that is behind where that is refused
 */
export async function migrateMongo(
  db: Db,
  migrations: readonly MongoMigration[],
  options: {
    readonly whenBehind: WhenBehind
    /** Called before the first step, and where there is none. */
    readonly beforeMigrations?: () => Promise<void>
    readonly openPatient: () => PatientDatabase
  },
): Promise<void> {
  checkVersions(migrations)
  const newest = await appliedMigrations(db).findOne({}, { sort: { _id: -1 } })
  const version = newest?._id ?? 0
  if (version > migrations.length) throw tooNew(db.databaseName, version, migrations.length)
  const { whenBehind } = options
  if (version < migrations.length && whenBehind !== 'migrate') {
    throw tooOld(db.databaseName, version, migrations.length, whenBehind.refuseAndRun)
  }
  await options.beforeMigrations?.()
  if (version === migrations.length) return
  const patient = options.openPatient()
  try {
    for (const migration of migrations.slice(version)) await apply(patient.db, migration)
  } finally {
    await patient.close()
  }
}

export type PatientDatabase = { readonly db: Db; close(): Promise<void> }

function appliedMigrations(db: Db) {
  return db.collection<AppliedMigration>('schema_migrations')
}

async function apply(db: Db, { version, name, up }: MongoMigration): Promise<void> {
  await up(db)
  await appliedMigrations(db).insertOne({ _id: version, name, appliedAt: Date.now() }).catch(ignoreDuplicates)
}
