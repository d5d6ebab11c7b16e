import { readAttributes, segmentOf } from './attribute-answers.ts'
import { type GroupNames, groupOf, variantOf } from './groups.ts'
import type { ServedCounts, Sums, SumsQuery, UnitCounts, VariantCounts } from './port.ts'
import { sortByFields } from './sorting.ts'
import { column, type SqlRun } from './sql-run.ts'
import {
  EXCLUDED_COUNTS_SQL,
  exposedSql,
  FORCED_COUNTS_SQL,
  forcedUnitsSql,
  MULTIPLE_SQL,
  SEGMENT_TEXTS_SQL,
  SERVED_COUNTS_SQL,
  servedUnitsSql,
  UNIT_COUNTS_SQL,
  UNITS_SQL,
} from './units-sql.ts'

/** Makes the table `units` of the analysed units; returns the names of its groups. */
export async function findUnits(sql: SqlRun, query: SumsQuery): Promise<GroupNames> {
  await sql.run(forcedUnitsSql(query))
  await sql.run(exposedSql(query))
  await sql.run(servedUnitsSql(query))
  const segments = query.segment === null ? [] : await fillSegments(sql, query.segment)
  await sql.run(UNITS_SQL)
  return { variantKeys: [...new Set(query.variantKeys)], segments }
}

async function fillSegments(sql: SqlRun, name: string): Promise<string[]> {
  const numbers = new Map<string, bigint>()
  const rows: [bigint, bigint][] = []
  for (const row of await sql.read(SEGMENT_TEXTS_SQL)) {
    const segment = segmentOf(readAttributes(column(row, 'text')), name)
    if (segment === null) continue
    const number = numbers.get(segment) ?? BigInt(numbers.size + 1)
    numbers.set(segment, number)
    rows.push([BigInt(column(row, 'id')), number])
  }
  await sql.insert('asked_segments', rows)
  return [...numbers.keys()]
}

/** Counts the units that `findUnits` found, and those that it left out. */
export async function countUnits(
  sql: SqlRun,
  names: GroupNames,
): Promise<Pick<Sums, 'units' | 'multiple' | 'forced' | 'excluded' | 'served' | 'servedMultiple'>> {
  const units = (await sql.read(UNIT_COUNTS_SQL)).map(
    (row): UnitCounts => ({
      ...groupOf(row, names),
      day: Number(column(row, 'day')),
      units: BigInt(column(row, 'units')),
      degraded: BigInt(column(row, 'degraded')),
    }),
  )
  const served = (await sql.read(SERVED_COUNTS_SQL)).map(
    (row): ServedCounts => ({
      variantKey: variantOf(row, names),
      day: Number(column(row, 'day')),
      units: BigInt(column(row, 'units')),
    }),
  )
  const forced = await variantCounts(sql, FORCED_COUNTS_SQL, names)
  const excluded = await variantCounts(sql, EXCLUDED_COUNTS_SQL, names)
  const [multiple = {}] = await sql.read(MULTIPLE_SQL)
  return {
    units: sortByFields(units, ['variantKey', 'segment', 'day']),
    multiple: BigInt(column(multiple, 'exposed')),
    forced,
    excluded,
    served: sortByFields(served, ['variantKey', 'day']),
    servedMultiple: BigInt(column(multiple, 'served')),
  }
}

async function variantCounts(sql: SqlRun, text: string, names: GroupNames): Promise<VariantCounts[]> {
  const rows = await sql.read(text)
  const counts = rows.map((row) => ({
    variantKey: variantOf(row, names),
    units: BigInt(column(row, 'units')),
  }))
  return sortByFields(counts, ['variantKey'])
}
