import type { SqliteDatabase } from './open.ts'

export type SqliteValue = null | number | string | Uint8Array

/**
 * All rows of a query, in the shape that its columns have: tables are STRICT, so a column's type in the schema is the
 * type of what comes back. An aggregate can be null where no row matches; say so in the shape. Rejects with
 * DatastoreUnavailableError.
 */
export function selectAll<Row>(
  db: SqliteDatabase,
  sql: string,
  ...parameters: readonly SqliteValue[]
): Promise<readonly Row[]> {
  return db.read(() => allInTransaction<Row>(db, sql, ...parameters))
}

/** As `selectAll`, each row as an array of its columns, which costs less than an object for each. */
export function selectArrays<Row extends readonly SqliteValue[]>(
  db: SqliteDatabase,
  sql: string,
  ...parameters: readonly SqliteValue[]
): Promise<readonly Row[]> {
  return db.read(() => {
    const statement = db.statement(sql)
    statement.setReturnArrays(true)
    try {
      return statement.all(...parameters) as readonly unknown[] as readonly Row[]
    } finally {
      // The same statement may be asked for objects too.
      statement.setReturnArrays(false)
    }
  })
}

/** The first row, or undefined. */
export function selectOne<Row>(
  db: SqliteDatabase,
  sql: string,
  ...parameters: readonly SqliteValue[]
): Promise<Row | undefined> {
  return db.read(() => oneInTransaction<Row>(db, sql, ...parameters))
}

/** As `selectAll`, at once: for a transaction of `db.write`, which must not wait. */
export function allInTransaction<Row>(
  db: SqliteDatabase,
  sql: string,
  ...parameters: readonly SqliteValue[]
): readonly Row[] {
  return db.statement(sql).all(...parameters) as readonly unknown[] as readonly Row[]
}

/** As `selectOne`, at once: for a transaction of `db.write`, which must not wait. */
export function oneInTransaction<Row>(
  db: SqliteDatabase,
  sql: string,
  ...parameters: readonly SqliteValue[]
): Row | undefined {
  return db.statement(sql).get(...parameters) as unknown as Row | undefined
}

/** Runs a write and returns how many rows it touched; call it in a transaction. */
export function execute(db: SqliteDatabase, sql: string, ...parameters: readonly SqliteValue[]): number {
  return Number(db.statement(sql).run(...parameters).changes)
}
