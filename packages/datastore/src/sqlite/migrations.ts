import type { DatabaseSync } from 'node:sqlite'
import { DatastoreStartupError } from '../errors.ts'

/** One step of the schema. Never changed once released: a new need is a new version. */
export type SqliteMigration = {
  /** From 1, without gaps. */
  version: number
  name: string
  up: string | ((database: DatabaseSync) => void)
}

/**
 * What an open does with a datastore that lacks migrations: it runs them, which may take long, or it refuses with the
 * command that does. Also for MongoDB.
 */
export type WhenBehind = 'migrate' | { readonly refuseAndRun: string }

/**
 * Applies what is missing, each step in a transaction of its own with its row in `schema_migrations`.
 * @throws DatastoreStartupError for a database that newer code has migrated, or that is behind where that is refused
 */
export function migrateSqlite(
  database: DatabaseSync,
  path: string,
  migrations: readonly SqliteMigration[],
  whenBehind: WhenBehind = 'migrate',
): void {
  checkVersions(migrations)
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  if (whenBehind !== 'migrate') {
    const newest = newestVersion(database)
    if (newest < migrations.length) throw tooOld(path, newest, migrations.length, whenBehind.refuseAndRun)
  }
  for (const migration of migrations) {
    // The lock comes first, so that of two processes only one finds the step missing.
    database.exec('BEGIN IMMEDIATE')
    try {
      const newest = newestVersion(database)
      if (newest > migrations.length) throw tooNew(path, newest, migrations.length)
      if (migration.version > newest) {
        if (typeof migration.up === 'string') database.exec(migration.up)
        else migration.up(database)
        database
          .prepare('INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)')
          .run(migration.version, migration.name, Date.now())
      }
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

function newestVersion(database: DatabaseSync): number {
  const row = database.prepare('SELECT coalesce(max(version), 0) AS version FROM schema_migrations').get()
  return Number(row?.version ?? 0)
}

/** Also for MongoDB. */
export function tooNew(where: string, found: number, known: number): DatastoreStartupError {
  return new DatastoreStartupError(
    `datastore ${where} is at schema version ${found}, but this code knows ${known}: start the newer release, or use another datastore`,
  )
}

/** Also for MongoDB. */
export function tooOld(where: string, found: number, needed: number, command: string): DatastoreStartupError {
  return new DatastoreStartupError(
    `datastore ${where} is at schema version ${found}, but this code needs ${needed}: stop what runs on it, and run \`${command}\``,
  )
}

/** Also for MongoDB. A gap or a repeated version is a defect of the code, found at its first start. */
export function checkVersions(migrations: readonly { version: number }[]): void {
  migrations.forEach(({ version }, index) => {
    if (version !== index + 1) throw new RangeError(`migration ${index + 1} has version ${version}`)
  })
}
