import { foldCase } from '@bulkhead/datastore/fold-case'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, type SqliteValue, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { Item } from '../../domain/item.ts'
import type { CallLimit } from '../limits.ts'
import type { ItemFilter, PersonalizationStore } from '../port.ts'
import { readAttributes, readCategories, writeAttributes } from '../stored-json.ts'
import { lastById } from '../write-rules.ts'

type ItemRow = {
  readonly id: string
  readonly title: string
  readonly creator: string | null
  readonly categories: string
  readonly available: number
  readonly created_at: number
  readonly attributes: string | null
}

const COLUMNS = 'id, title, creator, categories, available, created_at, attributes'

const INSERT = `
  INSERT INTO items (id, title, title_folded, creator, categories, available, created_at, attributes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

const UPSERT = `${INSERT} ON CONFLICT (id) DO UPDATE SET
  title = excluded.title, title_folded = excluded.title_folded, creator = excluded.creator,
  categories = excluded.categories, available = excluded.available, created_at = excluded.created_at,
  attributes = excluded.attributes`

const INSERT_MISSING = `${INSERT} ON CONFLICT (id) DO NOTHING`

type CatalogueMethods = Pick<
  PersonalizationStore,
  | 'upsertItems'
  | 'insertMissingItems'
  | 'itemsByIds'
  | 'findItems'
  | 'countItems'
  | 'catalogueVersion'
  | 'popularItems'
>

/** The catalogue on SQLite. Every change and the new catalogue version are one transaction. */
export function createSqliteCatalogue(db: SqliteDatabase, limit: CallLimit): CatalogueMethods {
  function write(sql: string, item: Item): boolean {
    const { id, title, creator, categories, available, createdAt, attributes } = item
    const json = JSON.stringify(categories)
    const text = writeAttributes(attributes)
    const written = execute(db, sql, id, title, foldCase(title), creator, json, +available, createdAt, text)
    if (written === 0) return false
    execute(db, 'DELETE FROM item_categories WHERE item_id = ?', id)
    for (const category of new Set(categories)) {
      execute(db, 'INSERT INTO item_categories (category, item_id) VALUES (?, ?)', category, id)
    }
    return true
  }

  const writeAll = (sql: string, items: readonly Item[]): Promise<number> =>
    db.bulkWrite(() => {
      let written = 0
      for (const item of items) if (write(sql, item)) written++
      if (written > 0) execute(db, `UPDATE counters SET value = value + 1 WHERE name = 'catalogue'`)
      return written
    })

  return {
    async upsertItems(items) {
      limit.assert('upsertItems', items)
      await writeAll(UPSERT, lastById(items))
    },

    async insertMissingItems(items) {
      limit.assert('insertMissingItems', items)
      return writeAll(INSERT_MISSING, items)
    },

    async itemsByIds(ids) {
      const sql = `SELECT ${COLUMNS} FROM items WHERE id IN (SELECT value FROM json_each(?))`
      return (await selectAll<ItemRow>(db, sql, JSON.stringify(ids))).map(readItem)
    },

    async findItems({ filter, limit, after }) {
      const { where, parameters } = conditions(filter)
      const rows = await selectAll<ItemRow>(
        db,
        `SELECT ${COLUMNS} FROM items WHERE ${where} ${after === null ? '' : 'AND id > ?'} ORDER BY id LIMIT ?`,
        ...parameters,
        ...(after === null ? [] : [after]),
        limit + 1,
      )
      return { items: rows.slice(0, limit).map(readItem), hasMore: rows.length > limit }
    },

    async countItems(filter) {
      const { where, parameters } = conditions(filter)
      const sql = `SELECT count(*) AS total FROM items WHERE ${where}`
      return (await selectOne<{ readonly total: number }>(db, sql, ...parameters))?.total ?? 0
    },

    async catalogueVersion() {
      const sql = `SELECT value FROM counters WHERE name = 'catalogue'`
      return (await selectOne<{ readonly value: number }>(db, sql))?.value ?? 0
    },

    async popularItems(limit) {
      const rows = await selectAll<{ readonly itemId: string; readonly interactions: number }>(
        db,
        `SELECT item_id AS itemId, interactions FROM item_popularity ORDER BY interactions DESC, item_id LIMIT ?`,
        limit,
      )
      return rows.map(({ itemId, interactions }) => ({ itemId, interactions }))
    },
  }
}

/** `instr` rather than LIKE, which reads `%` and `_` as wildcards. */
function conditions(filter: ItemFilter): { where: string; parameters: SqliteValue[] } {
  const where = ['TRUE']
  const parameters: SqliteValue[] = []
  function add(condition: string, parameter: SqliteValue): void {
    where.push(condition)
    parameters.push(parameter)
  }
  if (filter.ids !== undefined) {
    add('id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.ids))
  }
  if (filter.categories !== undefined) {
    add(
      'id IN (SELECT item_id FROM item_categories WHERE category IN (SELECT value FROM json_each(?)))',
      JSON.stringify(filter.categories),
    )
  }
  if (filter.creator !== undefined) add('creator = ?', filter.creator)
  if (filter.titleContains !== undefined) {
    add('instr(title_folded, ?) > 0', foldCase(filter.titleContains))
  }
  if (filter.available !== undefined) add('available = ?', +filter.available)
  return { where: where.join(' AND '), parameters }
}

function readItem(row: ItemRow): Item {
  return {
    id: row.id,
    title: row.title,
    creator: row.creator,
    categories: readCategories(row.categories),
    available: row.available === 1,
    createdAt: row.created_at,
    attributes: readAttributes(row.attributes),
  }
}
