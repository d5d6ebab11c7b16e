import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import {
  allInTransaction,
  execute,
  oneInTransaction,
  selectAll,
  selectOne,
} from '@bulkhead/datastore/sqlite/rows'
import { countStep, groupingOf, SURFACE_GROUPING, unitKey } from '../exposure-cells.ts'
import { groupCounts } from '../exposure-groups.ts'
import type { CountedThrough, ExperimentationStore, ExposureCount } from '../port.ts'

const SELECT_THROUGH = 'SELECT position, as_of FROM counted_through'
const UPDATE_THROUGH = 'UPDATE counted_through SET position = ?, as_of = ?'

const SELECT_CELLS = 'SELECT cells FROM exposure_units WHERE experiment_key = ? AND unit = ?'

const SELECT_SURFACES = `
  SELECT experiment_key, cell FROM exposure_counts
    WHERE experiment_key IN (SELECT value FROM json_each(?)) AND grouping = ?`

const REPLACE_CELLS = 'INSERT OR REPLACE INTO exposure_units (experiment_key, unit, cells) VALUES (?, ?, ?)'

const ADD_COUNT = `
  INSERT INTO exposure_counts (experiment_key, grouping, cell, units, exposures) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (experiment_key, grouping, cell)
    DO UPDATE SET units = units + excluded.units, exposures = exposures + excluded.exposures`

const SELECT_COUNTS = `
  SELECT experiment_key, cell, units, exposures, as_of FROM exposure_counts, counted_through
    WHERE experiment_key IN (SELECT value FROM json_each(?)) AND grouping = ?`

type ThroughRow = { readonly position: number; readonly as_of: number }
type CountRow = {
  readonly experiment_key: string
  readonly cell: string
  readonly units: number
  readonly exposures: number
  readonly as_of: number
}

function readThrough(row: ThroughRow | undefined): CountedThrough {
  return { position: row?.position ?? 0, asOf: row?.as_of ?? 0 }
}

export type CountStep = Parameters<ExperimentationStore['addCounts']>[0]

/** Runs inside a transaction. */
export function addCounts(
  db: SqliteDatabase,
  { from, through, exposures }: CountStep,
): 'stored' | 'overtaken' {
  if (readThrough(oneInTransaction<ThroughRow>(db, SELECT_THROUGH)).position !== from) return 'overtaken'
  if (through.position < from) return 'overtaken'
  const known = new Map<string, string>()
  for (const { experimentKey, unit } of exposures) {
    const id = unitKey({ experimentKey, unit })
    if (known.has(id)) continue
    const row = oneInTransaction<{ readonly cells: string }>(db, SELECT_CELLS, experimentKey, unit)
    if (row !== undefined) known.set(id, row.cells)
  }
  const surfaces = allInTransaction<{ readonly experiment_key: string; readonly cell: string }>(
    db,
    SELECT_SURFACES,
    JSON.stringify([...new Set(exposures.map(({ experimentKey }) => experimentKey))]),
    SURFACE_GROUPING,
  ).map(({ experiment_key: key, cell }): [string, string] => [key, JSON.parse(cell)[2]])
  const { counters, units } = countStep(exposures, { units: known, surfaces })
  for (const { key, units: unitCount, exposures: exposureCount } of counters) {
    const { experimentKey, grouping, variantKey, day, surface, rung } = key
    const cell = JSON.stringify([variantKey, day, surface, rung])
    execute(db, ADD_COUNT, experimentKey, grouping, cell, unitCount, exposureCount)
  }
  for (const { experimentKey, unit, cells } of units) execute(db, REPLACE_CELLS, experimentKey, unit, cells)
  execute(db, UPDATE_THROUGH, through.position, through.asOf)
  return 'stored'
}

export function createSqliteCounts(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'countedThrough' | 'exposureCounts'> {
  return {
    countedThrough: async () => readThrough(await selectOne<ThroughRow>(db, SELECT_THROUGH)),

    async exposureCounts(experimentKeys, groupBy) {
      const rows = await selectAll<CountRow>(
        db,
        SELECT_COUNTS,
        JSON.stringify(experimentKeys),
        groupingOf(groupBy),
      )
      return groupCounts(
        experimentKeys,
        rows.map(({ experiment_key: key, cell, units, exposures, as_of: asOf }): [string, ExposureCount] => {
          // `addCounts` wrote it.
          const [variantKey, day, surface, rung] = JSON.parse(cell)
          return [key, { variantKey, day, surface, rung, units, exposures, asOf }]
        }),
      )
    },
  }
}
