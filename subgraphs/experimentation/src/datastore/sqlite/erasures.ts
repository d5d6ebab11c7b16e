import { setImmediate } from 'node:timers/promises'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import {
  type ErasedInstants,
  type ErasureProgress,
  type UnitErasure,
  unitHash,
} from '../../domain/erasure.ts'
import { isErasedBody, textOfUnitBody } from '../erased-bodies.ts'
import { eraseRows, textOfUnit, UNIT_KINDS } from '../event-blocks.ts'
import type { ExperimentationStore } from '../port.ts'
import { erasedInstants, readErasure, START } from '../unit-erasures.ts'

/** What an erasure writes; it runs on the writer, between the writes of ingest. */
export type ErasureWrite =
  | {
      readonly type: 'replace rows'
      readonly first: number
      /** How many events of the block were erased before, and then: every change of a block raises it. */
      readonly before: number
      readonly erased: number
      readonly rows: string
    }
  | { readonly type: 'empty bodies'; readonly ids: readonly number[] }
  | { readonly type: 'forget units'; readonly units: readonly string[] }
  | {
      readonly type: 'move'
      readonly erasures: readonly UnitErasure[]
      readonly to: ErasureProgress | 'done'
    }
  | { readonly type: 'forget'; readonly before: number }

const KEEP_NEWEST = `
  INSERT INTO erasures (unit_hash, unit, occurred_at, recorded_at, progress) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (unit_hash) DO UPDATE SET
    unit = excluded.unit, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, progress = excluded.progress
    WHERE excluded.occurred_at > erasures.occurred_at`

const MOVE = `
  UPDATE erasures SET unit = ?, progress = ?
    WHERE unit_hash = ? AND unit IS NOT NULL AND occurred_at = ? AND progress = ?`

const SELECT_WAITING = `
  SELECT unit, occurred_at, recorded_at, progress FROM erasures WHERE unit IS NOT NULL
    ORDER BY recorded_at, unit_hash LIMIT ?`

/** The last key of a step, so that the rows in between need not be read to know it. */
const SELECT_STEP = {
  events:
    'SELECT max(key) AS last FROM (SELECT first AS key FROM event_blocks WHERE first > ? ORDER BY first LIMIT ?)',
  rejections:
    'SELECT max(key) AS last FROM (SELECT id AS key FROM rejections WHERE id > ? ORDER BY id LIMIT ?)',
}

/** `+kind`, so that it walks along the positions: by the index of kinds, each read would sort all blocks that are left. */
const SELECT_BLOCKS = `
  SELECT first, erased, rows FROM event_blocks
    WHERE first > ? AND first <= ? AND +kind IN (SELECT value FROM json_each(?)) ORDER BY first LIMIT ?`

/** Between two reads, requests go first. A block has some 60 kB. */
const BLOCKS_PER_READ = 10

const SELECT_FOUND_REJECTIONS = `
  SELECT id, body FROM rejections
    WHERE id > ? AND id <= ? AND EXISTS (SELECT 1 FROM json_each(?) WHERE instr(body, value) > 0)`

/** Not soon after it came, however old its instant is: what was derived from the log follows it. */
const FORGET = 'DELETE FROM erasures WHERE unit IS NULL AND occurred_at < ? AND recorded_at < ?'

const FORGET_UNIT = `
  DELETE FROM exposure_units
    WHERE unit = ? AND experiment_key IN (SELECT DISTINCT experiment_key FROM exposure_counts)`

type BlockRow = { readonly first: number; readonly erased: number; readonly rows: string }
type ErasureRow = {
  readonly unit: string
  readonly occurred_at: number
  readonly recorded_at: number
  readonly progress: string
}

/** Runs inside a transaction. */
export function keepErasures(db: SqliteDatabase, erasures: readonly Omit<UnitErasure, 'progress'>[]): void {
  for (const { unit, occurredAt, recordedAt } of erasures) {
    execute(db, KEEP_NEWEST, unitHash(unit), unit, occurredAt, recordedAt, START)
  }
}

/** Those of the units that are erased. Runs inside a transaction. */
export function erasedAmong(db: SqliteDatabase, units: Iterable<string | null>): ErasedInstants {
  const found = new Map<string, number>()
  if (oneInTransaction(db, 'SELECT 1 FROM erasures LIMIT 1') === undefined) return found
  for (const unit of new Set(units)) {
    if (unit === null) continue
    const row = oneInTransaction<{ readonly at: number }>(
      db,
      'SELECT occurred_at AS at FROM erasures WHERE unit_hash = ?',
      unitHash(unit),
    )
    if (row !== undefined) found.set(unit, row.at)
  }
  return found
}

/** Runs inside a transaction; returns how many rows were written. */
export function runErasure(db: SqliteDatabase, write: ErasureWrite): number {
  switch (write.type) {
    case 'replace rows':
      return execute(
        db,
        'UPDATE event_blocks SET rows = ?, erased = ? WHERE first = ? AND erased = ?',
        write.rows,
        write.erased,
        write.first,
        write.before,
      )
    case 'empty bodies':
      return sum(write.ids, (id) => execute(db, "UPDATE rejections SET body = '' WHERE id = ?", id))
    case 'forget units':
      return sum(write.units, (unit) => execute(db, FORGET_UNIT, unit))
    case 'move': {
      const { to } = write
      return sum(write.erasures, ({ unit, occurredAt, progress }) => {
        const [kept, text] = to === 'done' ? [null, START] : [unit, JSON.stringify(to)]
        return execute(db, MOVE, kept, text, unitHash(unit), occurredAt, JSON.stringify(progress))
      })
    }
    case 'forget':
      return execute(db, FORGET, write.before, write.before)
  }
}

function sum<Item>(items: readonly Item[], written: (item: Item) => number): number {
  return items.reduce((total, item) => total + written(item), 0)
}

type Erasing = Pick<
  ExperimentationStore,
  'waitingErasures' | 'eraseUnits' | 'eraseCountedUnits' | 'moveErasures' | 'forgetErasures'
>

/** @param write runs it in a transaction and returns how many rows were written */
export function createSqliteErasures(
  db: SqliteDatabase,
  write: (erasure: ErasureWrite) => Promise<number>,
): Erasing {
  async function eraseBlock(block: BlockRow, erased: ErasedInstants): Promise<number> {
    for (let found: BlockRow | undefined = block; found !== undefined; ) {
      const { first, erased: before, rows }: BlockRow = found
      const { rows: left, count } = eraseRows(rows, erased)
      if (count === 0) return 0
      const written = await write({
        type: 'replace rows',
        first,
        before,
        erased: before + count,
        rows: left,
      })
      if (written > 0) return count
      // Another replica has changed it.
      found = await selectOne<BlockRow>(
        db,
        'SELECT first, erased, rows FROM event_blocks WHERE first = ?',
        first,
      )
    }
    return 0
  }

  async function eraseBlocks(from: number, last: number, erasures: readonly UnitErasure[]): Promise<number> {
    // Looked for here, because SQLite's `instr` takes ten times as long.
    const texts = erasures.map(({ unit }) => textOfUnit(unit))
    const erased = erasedInstants(erasures)
    const kinds = JSON.stringify(UNIT_KINDS)
    let count = 0
    for (let after = from; after < last; ) {
      const blocks = await selectAll<BlockRow>(db, SELECT_BLOCKS, after, last, kinds, BLOCKS_PER_READ)
      for (const block of blocks) {
        if (texts.some((text) => block.rows.includes(text))) count += await eraseBlock(block, erased)
      }
      after = blocks.at(-1)?.first ?? last
      await setImmediate()
    }
    return count
  }

  async function eraseBodies(from: number, last: number, erasures: readonly UnitErasure[]): Promise<number> {
    const rows = await selectAll<{ readonly id: number; readonly body: string }>(
      db,
      SELECT_FOUND_REJECTIONS,
      from,
      last,
      JSON.stringify(erasures.map(({ unit }) => textOfUnitBody(unit))),
    )
    const erased = erasedInstants(erasures)
    const ids = rows.filter(({ body }) => isErasedBody(body, erased)).map(({ id }) => id)
    return ids.length === 0 ? 0 : write({ type: 'empty bodies', ids })
  }

  return {
    async waitingErasures(limit) {
      const rows = await selectAll<ErasureRow>(db, SELECT_WAITING, limit)
      return rows.map(({ unit, occurred_at: occurredAt, recorded_at: recordedAt, progress }) =>
        readErasure({ unit, occurredAt, recordedAt, progress }),
      )
    },

    async eraseUnits({ place, erasures, after, limit }) {
      const from = Number(after ?? 0)
      const step = await selectOne<{ readonly last: number | null }>(db, SELECT_STEP[place], from, limit)
      const last = step?.last ?? null
      if (last === null || erasures.length === 0) return { after: null, erased: 0 }
      const erase = place === 'events' ? eraseBlocks : eraseBodies
      return { after: String(last), erased: await erase(from, last, erasures) }
    },

    async eraseCountedUnits(units) {
      if (units.length > 0) await write({ type: 'forget units', units })
    },

    moveErasures: (erasures, to) => write({ type: 'move', erasures, to }),

    forgetErasures: (before) => write({ type: 'forget', before }),
  }
}
