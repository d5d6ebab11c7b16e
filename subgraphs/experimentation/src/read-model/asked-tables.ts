import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows } from './append.ts'
import type { Cell } from './event-rows.ts'
import type { SumsQuery } from './port.ts'

/** The part of a metric's value that an event adds to. */
export const NUMERATOR = 0
export const DENOMINATOR = 1

/**
 * The texts and lists of a query, so that no statement holds any of them. Variants and metrics are named by their index
 * from there on. The last two are filled while the sums are made: the ids of attributes that meet a metric's filter, and
 * the number of the segment of each exposure's attributes.
 */
const TABLES = `
create temporary table asked_experiment (key varchar not null, version bigint not null);
create temporary table asked_variants (number bigint not null, key varchar not null);
create temporary table asked_intervals (starts bigint not null, ends bigint not null);
create temporary table asked_exclusions (unit varchar not null);
create temporary table asked_events (metric bigint not null, part bigint not null, event varchar not null);
create temporary table asked_matches (metric bigint not null, attributes bigint not null);
create temporary table asked_segments (attributes bigint not null, segment bigint not null)`

export async function createAskedTables(connection: DuckDBConnection, query: SumsQuery): Promise<void> {
  await connection.run(TABLES)
  const fill = (table: string, rows: readonly (readonly Cell[])[]) => appendRows(connection, table, rows)
  await fill('asked_experiment', [[query.experimentKey, BigInt(query.version)]])
  await fill(
    'asked_variants',
    [...new Set(query.variantKeys)].map((key, index) => [BigInt(index), key]),
  )
  await fill(
    'asked_intervals',
    // Nothing from the cutoff on is asked for, so an open interval may as well end there.
    query.intervals.map(({ from, to }) => [BigInt(from), BigInt(to ?? query.cutoff)]),
  )
  await fill(
    'asked_exclusions',
    [...new Set(query.excludedUnits)].map((unit) => [unit]),
  )
  await fill(
    'asked_events',
    query.metrics.flatMap(({ event, denominatorEvent }, index) => {
      const metric = BigInt(index)
      const numerator = [metric, BigInt(NUMERATOR), event]
      return denominatorEvent === null
        ? [numerator]
        : [numerator, [metric, BigInt(DENOMINATOR), denominatorEvent]]
    }),
  )
}
