import type { DuckDBConnection } from '@duckdb/node-api'
import { inTransaction } from './transaction.ts'

/** Counts the changes of the tables below. A file with another version is deleted and filled again. */
const SCHEMA_VERSION = 2

/**
 * Times are epoch milliseconds; `occurred` is when an event counts as having occurred, `claimed` what it said itself. Positions
 * are unique over all tables. `attributes` is an id of the dictionary, 0 for none.
 *
 * `progress` has one row. `log` names the datastore that the events are from, and `last_event` is the id of the event at
 * `last_position`, by which a datastore that was restored from a backup is found out. `complete_from` is the instant before
 * which events may be missing, `erasures_from` and `erasures_read_at` say which erasures have been looked at and when.
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
create table known_erasures (hash varchar not null, instant bigint not null, done boolean not null);
create table progress (schema bigint not null, through bigint not null, log varchar not null,
  last_position bigint not null, last_event varchar not null, complete_from bigint not null,
  erasures_from bigint not null, erasures_read_at bigint not null);
insert into progress values (${SCHEMA_VERSION}, 0, '', 0, '', 0, 0, 0);
`

/** The tables of events. */
export const TABLE_NAMES = ['exposures', 'served', 'interactions', 'attributes'] as const
export type TableName = (typeof TABLE_NAMES)[number]

/** Makes the tables of an empty file. @param log the id of the datastore whose events will be in it */
export async function createTables(connection: DuckDBConnection, log: string): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.run(TABLES)
    await connection.run('update progress set log = ?', [log])
  })
}

/** Whether the file was made by a release with the same tables, and from the same log. */
export async function isCurrent(connection: DuckDBConnection, log: string): Promise<boolean> {
  const tables = await connection.runAndReadAll(
    "select 1 from information_schema.tables where table_schema = 'main' and table_name = 'progress'",
  )
  if (tables.getRows().length === 0) return false
  const progress = await connection.runAndReadAll('select * from progress')
  const [row, ...others] = progress.getRowObjects()
  return row?.schema === BigInt(SCHEMA_VERSION) && row.log === log && others.length === 0
}
