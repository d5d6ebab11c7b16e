import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import {
  execute,
  oneInTransaction,
  type SqliteValue,
  selectAll,
  selectOne,
} from '@bulkhead/datastore/sqlite/rows'
import type { Item } from '../../domain/item.ts'
import type { CallLimit } from '../limits.ts'
import type { PersonalizationStore, StoredItemFilter } from '../port.ts'
import { readAttributes, readNames, writeAttributes } from '../stored-json.ts'
import { lastById } from '../write-rules.ts'

type ItemRow = {
  readonly id: string
  readonly title: string
  readonly creator: string | null
  readonly categories: string
  readonly available: number
  readonly available_from: number | null
  readonly available_until: number | null
  readonly markets: string
  readonly created_at: number
  readonly attributes: string | null
}

type ChangedItemRow = ItemRow & { readonly changed: number }

const COLUMNS =
  'id, title, creator, categories, available, available_from, available_until, markets, created_at, attributes'

const INSERT = `
  INSERT INTO items (id, title, creator, categories, available, available_from, available_until, markets, created_at,
    attributes, changed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const UPSERT = `${INSERT} ON CONFLICT (id) DO UPDATE SET
  title = excluded.title, creator = excluded.creator, categories = excluded.categories,
  available = excluded.available, available_from = excluded.available_from,
  available_until = excluded.available_until, markets = excluded.markets, created_at = excluded.created_at,
  attributes = excluded.attributes, changed = excluded.changed`

const INSERT_MISSING = `${INSERT} ON CONFLICT (id) DO NOTHING`

type CatalogueMethods = Pick<
  PersonalizationStore,
  | 'upsertItems'
  | 'insertMissingItems'
  | 'itemsByIds'
  | 'findItems'
  | 'countItems'
  | 'catalogueVersion'
  | 'catalogueChanges'
  | 'popularItems'
  | 'trendingItems'
>

const VERSION = `SELECT value FROM counters WHERE name = 'catalogue'`

/**
 * The catalogue on SQLite. Every change and the new catalogue version are one transaction; SQLite runs one at a time,
 * so they commit in the order of their versions.
 */
export function createSqliteCatalogue(db: SqliteDatabase, limit: CallLimit): CatalogueMethods {
  function write(sql: string, item: Item, version: number): boolean {
    const { id, title, creator, categories } = item
    const written = execute(
      db,
      sql,
      id,
      title,
      creator,
      JSON.stringify(categories),
      +item.available,
      item.availableFrom,
      item.availableUntil,
      JSON.stringify(item.markets),
      item.createdAt,
      writeAttributes(item.attributes),
      version,
    )
    if (written === 0) return false
    execute(db, 'DELETE FROM item_categories WHERE item_id = ?', id)
    for (const category of new Set(categories)) {
      execute(db, 'INSERT INTO item_categories (category, item_id) VALUES (?, ?)', category, id)
    }
    return true
  }

  const writeAll = (sql: string, items: readonly Item[]): Promise<number> =>
    db.bulkWrite(() => {
      const version = (oneInTransaction<{ readonly value: number }>(db, VERSION)?.value ?? 0) + 1
      let written = 0
      for (const item of items) if (write(sql, item, version)) written++
      if (written > 0) execute(db, `UPDATE counters SET value = ? WHERE name = 'catalogue'`, version)
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
      return (await selectOne<{ readonly value: number }>(db, VERSION))?.value ?? 0
    },

    async catalogueChanges({ after, through, limit }) {
      const later = after.itemId === null ? 'changed > ?' : '(changed, id) > (?, ?)'
      const rows = await selectAll<ChangedItemRow>(
        db,
        `SELECT ${COLUMNS}, changed FROM items WHERE ${later} AND changed <= ? ORDER BY changed, id LIMIT ?`,
        after.version,
        ...(after.itemId === null ? [] : [after.itemId]),
        through,
        limit + 1,
      )
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(readItem),
        next: last === undefined ? null : { version: last.changed, itemId: last.id },
      }
    },

    async popularItems(limit) {
      const rows = await selectAll<{ readonly itemId: string; readonly listeners: number }>(
        db,
        `SELECT item_id AS itemId, listeners FROM item_popularity ORDER BY listeners DESC, item_id LIMIT ?`,
        limit,
      )
      return rows.map(({ itemId, listeners }) => ({ itemId, listeners }))
    },

    async trendingItems(limit) {
      const rows = await selectAll<{ readonly itemId: string; readonly trend: number }>(
        db,
        `SELECT item_id AS itemId, trend FROM item_popularity ORDER BY trend DESC, item_id LIMIT ?`,
        limit,
      )
      return rows.map(({ itemId, trend }) => ({ itemId, trend }))
    },
  }
}

function conditions(filter: StoredItemFilter): { where: string; parameters: SqliteValue[] } {
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
  if (filter.available !== undefined) add('available = ?', +filter.available)
  return { where: where.join(' AND '), parameters }
}

function readItem(row: ItemRow): Item {
  return {
    id: row.id,
    title: row.title,
    creator: row.creator,
    categories: readNames(row.categories),
    available: row.available === 1,
    availableFrom: row.available_from,
    availableUntil: row.available_until,
    markets: readNames(row.markets),
    createdAt: row.created_at,
    attributes: readAttributes(row.attributes),
  }
}
