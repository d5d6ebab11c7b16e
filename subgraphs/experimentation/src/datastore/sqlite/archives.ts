import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { Archive, ArchiveStore } from '../archive-port.ts'

const SELECT = `
  SELECT name, export_id AS exportId, through, erasures_from AS erasuresFrom FROM archives WHERE name = ?`

const MOVE = `
  INSERT INTO archives (name, export_id, through, erasures_from) VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET
    through = max(through, excluded.through), erasures_from = max(erasures_from, excluded.erasures_from)
    WHERE export_id = excluded.export_id`

export function createSqliteArchives(db: SqliteDatabase): ArchiveStore {
  return {
    async archive(name) {
      const row = await selectOne<Archive>(db, SELECT, name)
      return row === undefined ? null : { ...row }
    },

    async moveArchive({ name, exportId, through, erasuresFrom }) {
      const written = await db.write(() => execute(db, MOVE, name, exportId, through, erasuresFrom))
      return written === 1
    },
  }
}
