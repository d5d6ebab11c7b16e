import type { DuckDBConnection } from '@duckdb/node-api'

/** Counts the changes of the tables below. A file with another version is deleted and filled again. */
const SCHEMA_VERSION = 1

/**
 * Times are epoch milliseconds; `occurred` is when an event counts as having occurred, `claimed` what it said itself. Positions
 * are unique over all tables. `attributes` is an id of the dictionary, 0 for none.
 */
const TABLES = `
create table exposures (position bigint not null, key varchar not null, version bigint not null,
  variant varchar not null, unit varchar not null, occurred bigint not null, claimed bigint not null,
  forced boolean not null, applied boolean not null, attributes bigint not null);
create table served (position bigint not null, key varchar not null, version bigint not null,
  variant varchar not null, unit varchar not null, occurred bigint not null, claimed bigint not null,
  forced boolean not null);
create table interactions (position bigint not null, type varchar not null, unit varchar not null,
  occurred bigint not null, value bigint, attributes bigint not null);
create table attributes (id bigint not null, text varchar not null);
create table progress (schema bigint not null, through bigint not null);
insert into progress values (${SCHEMA_VERSION}, 0);
`

export type TableName = 'exposures' | 'served' | 'interactions' | 'attributes'

/** Makes the tables of an empty file. */
export async function createTables(connection: DuckDBConnection): Promise<void> {
  await connection.run(`begin transaction; ${TABLES} commit`)
}

/** Whether the file was made by a release with the same tables. */
export async function isCurrent(connection: DuckDBConnection): Promise<boolean> {
  const tables = await connection.runAndReadAll(
    "select 1 from information_schema.tables where table_schema = 'main' and table_name = 'progress'",
  )
  if (tables.getRows().length === 0) return false
  const progress = await connection.runAndReadAll('select * from progress')
  const [row, ...others] = progress.getRowObjects()
  return row?.schema === BigInt(SCHEMA_VERSION) && others.length === 0
}
