import type { Cell } from './event-rows.ts'
import type { SumsQuery } from './port.ts'
import type { Column, SqlRun } from './sql-run.ts'

/** The part of a metric's value that an event adds to. */
export const NUMERATOR = 0
export const DENOMINATOR = 1

/**
 * The texts and lists of a query, so that no statement holds any of them. Variants and metrics are named by their index
 * from there on. The last two are filled while the sums are made: the ids of attributes that meet a metric's filter, and
 * the number of the segment of each exposure's attributes.
 */
const TABLES: Readonly<Record<string, readonly Column[]>> = {
  asked_experiment: [
    ['key', 'varchar'],
    ['version', 'bigint'],
  ],
  asked_variants: [
    ['number', 'bigint'],
    ['key', 'varchar'],
  ],
  asked_intervals: [
    ['starts', 'bigint'],
    ['ends', 'bigint'],
  ],
  asked_exclusions: [['unit', 'varchar']],
  asked_events: [
    ['metric', 'bigint'],
    ['part', 'bigint'],
    ['event', 'varchar'],
  ],
  asked_matches: [
    ['metric', 'bigint'],
    ['attributes', 'bigint'],
  ],
  asked_segments: [
    ['attributes', 'bigint'],
    ['segment', 'bigint'],
  ],
}

export async function createAskedTables(sql: SqlRun, query: SumsQuery): Promise<void> {
  for (const [name, columns] of Object.entries(TABLES)) await sql.createTable(name, columns)
  const fill = (table: string, rows: readonly (readonly Cell[])[]) => sql.insert(table, rows)
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
