import { createAskedTables } from './asked-tables.ts'
import { countValues, sumMetric } from './metric-sums.ts'
import type { MetricSums, QuantileHistogram, Sums, SumsQuery } from './port.ts'
import type { SqlRun } from './sql-run.ts'
import { countUnits, findUnits } from './unit-sums.ts'

/** @param sql one of its own, because the query's tables last as long as it does */
export async function computeSums(sql: SqlRun, query: SumsQuery): Promise<Sums> {
  await createAskedTables(sql, query)
  const names = await findUnits(sql, query)
  const counts = await countUnits(sql, names, query)
  const metrics: MetricSums[] = []
  const quantiles: QuantileHistogram[] = []
  for (const [index, definition] of query.metrics.entries()) {
    const metric = { index, definition, query }
    if (definition.kind === 'QUANTILE') quantiles.push(...(await countValues(sql, metric, names)))
    else metrics.push(...(await sumMetric(sql, metric, names)))
  }
  return { ...counts, metrics, quantiles, sql: sql.texts }
}
