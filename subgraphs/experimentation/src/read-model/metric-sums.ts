import { matchingIds } from './attribute-answers.ts'
import { SumOverflowError } from './errors.ts'
import { type GroupNames, groupOf, isOmitted } from './groups.ts'
import {
  type AmountName,
  type AskedMetric,
  amountNames,
  cappedValuesSql,
  capsSql,
  filterTextsSql,
  HISTOGRAM_SQL,
  metricSumsSql,
  productName,
  unitValuesSql,
} from './metric-sql.ts'
import type { MetricSums, QuantileHistogram } from './port.ts'
import { sortByFields } from './sorting.ts'
import { column, type SqlRun, type TextRow } from './sql-run.ts'

/** Sums are below it in magnitude: more digits fit into no type that both engines have. */
const LIMIT = 10n ** 38n

/** The sums of a metric of any kind but QUANTILE, over the units in the table `units`. */
export async function sumMetric(
  sql: SqlRun,
  metric: AskedMetric,
  names: GroupNames,
): Promise<readonly MetricSums[]> {
  await makeUnitValues(sql, metric)
  const { capPercentile } = metric.definition
  if (capPercentile !== null) {
    await sql.run(capsSql(metric, capPercentile))
    await sql.run(cappedValuesSql(metric))
  }
  const rows = await readSums(sql, metric, capPercentile === null ? 'unit_values' : 'capped_values')
  // A sum that does not fit is told for omitted segments, too: an engine may fail on it before they can be left out.
  const sums = rows.map((row) => ({ row, sums: readRow(row, metric, names) }))
  return sortByFields(
    sums.filter(({ row }) => !isOmitted(row)).map((read) => read.sums),
    ['variantKey', 'segment', 'complete'],
  )
}

/** The distribution of a QUANTILE metric's values. */
export async function countValues(
  sql: SqlRun,
  metric: AskedMetric,
  names: GroupNames,
): Promise<readonly QuantileHistogram[]> {
  await makeUnitValues(sql, metric)
  const groups = new Map<string, { row: TextRow; values: { value: bigint; n: bigint }[] }>()
  for (const row of await sql.read(HISTOGRAM_SQL)) {
    if (isOmitted(row)) continue
    const key = [column(row, 'variant'), column(row, 'segment'), column(row, 'complete')].join(' ')
    const group = groups.get(key) ?? { row, values: [] }
    group.values.push({ value: BigInt(column(row, 'value')), n: BigInt(column(row, 'n')) })
    groups.set(key, group)
  }
  const histograms = [...groups.values()].map(({ row, values }) => ({
    ...metricGroup(row, metric, names),
    values: values.sort((a, b) => (a.value < b.value ? -1 : 1)),
  }))
  return sortByFields(histograms, ['variantKey', 'segment', 'complete'])
}

async function makeUnitValues(sql: SqlRun, metric: AskedMetric): Promise<void> {
  const { filter } = metric.definition
  if (filter !== null) {
    const texts = await sql.read(filterTextsSql(metric.index))
    const found = texts.map((row) => ({ id: column(row, 'id'), text: column(row, 'text') }))
    const ids = matchingIds(filter, found)
    await sql.insert(
      'asked_matches',
      ids.map((id) => [BigInt(metric.index), BigInt(id)]),
    )
  }
  await sql.run(unitValuesSql(metric))
}

async function readSums(
  sql: SqlRun,
  metric: AskedMetric,
  table: Parameters<typeof metricSumsSql>[1],
): Promise<readonly TextRow[]> {
  try {
    return await sql.read(metricSumsSql(metric, table))
  } catch (error) {
    throw sql.isOverflow(error) ? new SumOverflowError(metric.definition) : error
  }
}

function metricGroup(row: TextRow, { definition }: AskedMetric, names: GroupNames) {
  return {
    metricKey: definition.key,
    metricVersion: definition.version,
    ...groupOf(row, names),
    complete: column(row, 'complete') === '1',
  }
}

function readRow(row: TextRow, metric: AskedMetric, names: GroupNames): MetricSums {
  const { definition } = metric
  function exact(name: string): bigint {
    const sum = BigInt(column(row, name))
    if (sum <= -LIMIT || sum >= LIMIT) throw new SumOverflowError(definition)
    return sum
  }
  function moments(name: AmountName) {
    return {
      sum: exact(name),
      sumSquares: exact(productName(name, name)),
      cross: exact(productName('value', name)),
    }
  }
  if (column(row, 'fits') !== '1') throw new SumOverflowError(definition)
  const amounts = amountNames(metric)
  const has = (name: AmountName) => amounts.includes(name)
  return {
    ...metricGroup(row, metric, names),
    n: BigInt(column(row, 'n')),
    sum: exact('value'),
    sumSquares: exact(productName('value', 'value')),
    denominator: has('denominator') ? moments('denominator') : null,
    covariate: has('covariate')
      ? {
          ...moments('covariate'),
          denominatorCross: has('denominator') ? exact(productName('denominator', 'covariate')) : null,
        }
      : null,
    covariateDenominator: has('covariate_denominator')
      ? {
          ...moments('covariate_denominator'),
          denominatorCross: exact(productName('denominator', 'covariate_denominator')),
          covariateCross: exact(productName('covariate', 'covariate_denominator')),
        }
      : null,
  }
}
