import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { sampleMetric } from '../testing/sample-metrics.ts'
import { metricSumsSql } from './metric-sql.ts'
import { createSqlRun } from './sql-run.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

test('a sum of squares that DuckDB lets wrap around to a small number does not fit', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const unit =
    'select 0 as variant, 0 as segment, 1 as complete, cast(9000000000000000000 as decimal(38,0)) as value'
  // Each part is summed on its own, as threads do with a large table.
  await connection.run(`create view unit_values as ${[unit, unit, unit, unit].join(' union all ')}`)
  const definition = sampleMetric({ kind: 'MEAN' })
  const query = sampleSumsQuery({ asOf: 0, covariateWindowMs: null })
  const [row] = await createSqlRun(connection).read(
    metricSumsSql({ index: 0, definition, query }, 'unit_values'),
  )
  expect(row).toMatchObject({ value_x_value: '-16282366920938463463374607431768211456', fits: '0' })
  connection.closeSync()
  instance.closeSync()
})
