import type { Db } from 'mongodb'
import { checkVersions, tooNew } from '../sqlite/migrations.ts'
import { isDuplicateKey } from './errors.ts'

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
 * @throws DatastoreStartupError for a database that newer code has migrated
 */
export async function migrateMongo(db: Db, migrations: readonly MongoMigration[]): Promise<void> {
  checkVersions(migrations)
  const applied = db.collection<AppliedMigration>('schema_migrations')
  const newest = await applied.findOne({}, { sort: { _id: -1 } })
  const version = newest?._id ?? 0
  if (version > migrations.length) throw tooNew(db.databaseName, version, migrations.length)
  for (const migration of migrations.slice(version)) {
    await migration.up(db)
    try {
      await applied.insertOne({ _id: migration.version, name: migration.name, appliedAt: Date.now() })
    } catch (error) {
      // Another replica was faster.
      if (!isDuplicateKey(error)) throw error
    }
  }
}
