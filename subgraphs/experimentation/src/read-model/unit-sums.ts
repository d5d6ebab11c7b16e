import { readAttributes, segmentOf } from './attribute-answers.ts'
import { type GroupNames, groupOf, isOmitted, OMITTED, variantOf } from './groups.ts'
import {
  type ArrivedCounts,
  type CompletedCounts,
  SEGMENT_LIMIT,
  type ServedCounts,
  type Sums,
  type SumsQuery,
  type UnitCounts,
  type VariantCounts,
} from './port.ts'
import { compareBytes, sortByFields } from './sorting.ts'
import { column, type SqlRun } from './sql-run.ts'
import {
  arrivedSql,
  completedSql,
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
  const { segment, segmentLimit = SEGMENT_LIMIT } = query
  const found =
    segment === null ? { segments: [], omitted: 0 } : await fillSegments(sql, segment, segmentLimit)
  await sql.run(UNITS_SQL)
  return { variantKeys: [...new Set(query.variantKeys)], segments: found.segments, omitted: found.omitted }
}

/** Numbers the segments with the most units; of those with equally many, the first by name. */
async function fillSegments(
  sql: SqlRun,
  name: string,
  limit: number,
): Promise<Pick<GroupNames, 'segments' | 'omitted'>> {
  const ids = new Map<string, { units: bigint; readonly attributes: bigint[] }>()
  for (const row of await sql.read(SEGMENT_TEXTS_SQL)) {
    const segment = segmentOf(readAttributes(column(row, 'text')), name)
    if (segment === null) continue
    const known = ids.get(segment) ?? { units: 0n, attributes: [] }
    known.units += BigInt(column(row, 'units'))
    known.attributes.push(BigInt(column(row, 'id')))
    ids.set(segment, known)
  }
  const largest = [...ids].sort(([a, one], [b, other]) =>
    one.units === other.units ? compareBytes(a, b) : one.units > other.units ? -1 : 1,
  )
  await sql.insert(
    'asked_segments',
    largest.flatMap(([, { attributes }], index) =>
      attributes.map((id) => [id, index < limit ? BigInt(index + 1) : OMITTED]),
    ),
  )
  const segments = largest.slice(0, limit).map(([segment]) => segment)
  return { segments, omitted: largest.length - segments.length }
}

/** Counts the units that `findUnits` found, and those that it left out. */
export async function countUnits(
  sql: SqlRun,
  names: GroupNames,
  query: SumsQuery,
): Promise<Omit<Sums, 'metrics' | 'quantiles' | 'sql'>> {
  const rows = await sql.read(UNIT_COUNTS_SQL)
  const omitted = rows.filter(isOmitted).reduce((sum, row) => sum + BigInt(column(row, 'units')), 0n)
  const units = rows
    .filter((row) => !isOmitted(row))
    .map(
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
  const arrived = (await sql.read(arrivedSql(query))).map(
    (row): ArrivedCounts => ({
      variantKey: variantOf(row, names),
      hour: Number(column(row, 'hour')),
      exposures: BigInt(column(row, 'exposures')),
    }),
  )
  return {
    units: sortByFields(units, ['variantKey', 'segment', 'day']),
    multiple: BigInt(column(multiple, 'exposed')),
    forced,
    excluded,
    served: sortByFields(served, ['variantKey', 'day']),
    servedMultiple: BigInt(column(multiple, 'served')),
    arrived: sortByFields(arrived, ['variantKey', 'hour']),
    completed: await completedUnits(sql, query),
    omitted: { values: names.omitted, units: omitted },
  }
}

async function completedUnits(sql: SqlRun, query: SumsQuery): Promise<CompletedCounts[]> {
  const { completeAfterMs = null } = query
  if (completeAfterMs === null) return []
  const rows = await sql.read(completedSql(query, completeAfterMs))
  const counts = rows.map((row) => ({
    day: Number(column(row, 'day')),
    units: BigInt(column(row, 'units')),
  }))
  return sortByFields(counts, ['day'])
}

async function variantCounts(sql: SqlRun, text: string, names: GroupNames): Promise<VariantCounts[]> {
  const rows = await sql.read(text)
  const counts = rows.map((row) => ({
    variantKey: variantOf(row, names),
    units: BigInt(column(row, 'units')),
  }))
  return sortByFields(counts, ['variantKey'])
}
