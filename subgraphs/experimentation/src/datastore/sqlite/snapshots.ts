import type { SqliteDatabase } from '@bulkhead/datastore/sqlite'
import { readSnapshot } from '../documents.ts'
import type { ExperimentationStore } from '../port.ts'
import { integer, text } from './columns.ts'
import { replaceExperiment } from './experiments.ts'

export function createSnapshots(
  database: SqliteDatabase,
): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions' | 'publish'> {
  return {
    latestSnapshot: async () =>
      database.read(() => {
        const row = database.statement('SELECT body FROM snapshots ORDER BY version DESC LIMIT 1').get()
        return row === undefined ? null : readSnapshot(text(row.body))
      }),

    snapshotsByVersions: async (versions) =>
      database.read(() =>
        database
          .statement(
            'SELECT body FROM snapshots WHERE version IN (SELECT value FROM json_each(?)) ORDER BY version',
          )
          .all(JSON.stringify(versions))
          .map((row) => readSnapshot(text(row.body))),
      ),

    publish: ({ change, snapshot }) =>
      // The write lock is held from the first look on, so nothing can come between it and the writes.
      database.write(() => {
        const newest = database.statement('SELECT coalesce(max(version), 0) AS version FROM snapshots').get()
        if (snapshot.version !== integer(newest?.version) + 1) return 'conflict'
        if (change !== null && !replaceExperiment(database, change.experiment, change.expectedRevision)) {
          return 'conflict'
        }
        database
          .statement('INSERT INTO snapshots (version, body) VALUES (?, ?)')
          .run(snapshot.version, JSON.stringify(snapshot))
        return 'published'
      }),
  }
}
