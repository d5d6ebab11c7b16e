import { exactValue } from '@bulkhead/contracts'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import { DENOMINATOR, NUMERATOR } from './asked-tables.ts'
import type { SumsQuery } from './port.ts'
import { integer } from './sql-numbers.ts'

/** The statements that sum one metric; `units-sql.ts` says what they keep to. */

/** One, as an integer of 10^-6. */
const ONE = 1_000_000
const HOUR_MS = 3_600_000

/** A metric in a query, by its index there. */
export type AskedMetric = {
  readonly index: number
  readonly definition: MetricDefinition
  readonly query: Pick<SumsQuery, 'cutoff' | 'asOf' | 'covariateWindowMs' | 'completeAfterMs'>
}

function exact(digits: number): string {
  return `cast(${integer(digits)} as decimal(38,0))`
}

/** What one event adds to its part of the unit's value. */
function contribution({ kind }: MetricDefinition): string {
  if (kind === 'MEAN' || kind === 'QUANTILE') return 'cast(coalesce(i.value, 0) as decimal(38,0))'
  if (kind === 'RATIO') return `cast(coalesce(i.value, ${ONE}) as decimal(38,0))`
  return exact(ONE)
}

/** What a unit's events add up to: those of one part, from the first exposure on or before it. */
const AMOUNTS = {
  value: { part: NUMERATOR, side: 'i.occurred >= u.occurred', isCapped: true },
  denominator: { part: DENOMINATOR, side: 'i.occurred >= u.occurred', isCapped: false },
  covariate: { part: NUMERATOR, side: 'i.occurred < u.occurred', isCapped: true },
  covariate_denominator: { part: DENOMINATOR, side: 'i.occurred < u.occurred', isCapped: false },
} as const

export type AmountName = keyof typeof AMOUNTS

function hasCovariate({ definition, query }: AskedMetric): boolean {
  return query.covariateWindowMs !== null && definition.kind !== 'QUANTILE'
}

/** The amounts that are summed for this metric. */
export function amountNames(metric: AskedMetric): readonly AmountName[] {
  const isRatio = metric.definition.kind === 'RATIO'
  const names: AmountName[] = isRatio ? ['value', 'denominator'] : ['value']
  if (hasCovariate(metric)) names.push('covariate')
  if (hasCovariate(metric) && isRatio) names.push('covariate_denominator')
  return names
}

function amountColumn(name: AmountName, { definition }: AskedMetric): string {
  const { part, side } = AMOUNTS[name]
  const adds = contribution(definition)
  return `sum(case when p.part = ${part} and ${side} then ${adds} else ${exact(0)} end) as ${name}`
}

/** The value of a unit from what its events add up to. */
function finished(name: AmountName, { definition }: AskedMetric): string {
  const amount = `coalesce(a.${name}, ${exact(0)})`
  if (definition.kind === 'PROPORTION')
    return `case when ${amount} > 0 then ${exact(ONE)} else ${exact(0)} end`
  return definition.cap !== null && AMOUNTS[name].isCapped
    ? `least(${amount}, cast(${exactValue(definition.cap)} as decimal(38,0)))`
    : amount
}

/** `unit_values (variant, segment, complete, …)`: one row for each analysed unit, with its amounts. */
export function unitValuesSql(metric: AskedMetric): string {
  const { index, definition, query } = metric
  const names = amountNames(metric)
  const window = definition.windowHours * HOUR_MS
  const completeAfter = query.completeAfterMs ?? window
  const covariateWindow = hasCovariate(metric) ? (query.covariateWindowMs ?? 0) : 0
  const filter =
    definition.filter === null
      ? { join: '', where: '' }
      : {
          join: `\n  left join asked_matches f on f.metric = ${integer(index)} and f.attributes = i.attributes`,
          where: `\n    and (p.part = ${DENOMINATOR} or f.attributes is not null)`,
        }
  return `create or replace temporary table unit_values as
select u.variant, u.segment, case when u.occurred + ${integer(completeAfter)} <= ${integer(query.cutoff)} then 1 else 0 end as complete,
  ${names.map((name) => `${finished(name, metric)} as ${name}`).join(',\n  ')}
from units u
left join (
  select u.id,
    ${names.map((name) => amountColumn(name, metric)).join(',\n    ')}
  from interactions i
  join asked_events p on p.metric = ${integer(index)} and p.event = i.type
  join units u on u.unit = i.unit${filter.join}
  where i.position <= ${integer(query.asOf)} and i.occurred < ${integer(query.cutoff)}
    and i.occurred >= u.occurred - ${integer(covariateWindow)} and i.occurred < u.occurred + ${integer(window)}${filter.where}
  group by u.id
) a on a.id = u.id`
}

/**
 * `caps (…)`: one row with the nearest-rank percentile of each capped amount; NULL without units. It is that of the units
 * whose windows were over, as soon as there are any: the others have had less time, and their share changes every day.
 */
export function capsSql(metric: AskedMetric, capPercentile: number): string {
  const share = exactValue(capPercentile)
  const names = amountNames(metric).filter((name) => AMOUNTS[name].isCapped)
  const percentile = (name: AmountName) => `select min(h.amount) as ${name}
  from (
    select c.amount, sum(c.n) over (order by c.amount asc rows between unbounded preceding and current row) as reached,
      sum(c.n) over () as total
    from (
      select v.${name} as amount, count(*) as n from unit_values v
      where v.complete = (select max(w.complete) from unit_values w)
      group by v.${name}
    ) c
  ) h
  where h.reached * ${ONE} >= h.total * ${share}`
  const tables = names.map((name) => `(${percentile(name)}) c_${name}`)
  return `create or replace temporary table caps as
select ${names.map((name) => `c_${name}.${name}`).join(', ')}
from ${tables.join('\ncross join ')}`
}

/** `capped_values`: as `unit_values`, with the amounts that have a cap clipped at it. */
export function cappedValuesSql(metric: AskedMetric): string {
  const columns = amountNames(metric).map((name) =>
    AMOUNTS[name].isCapped ? `least(v.${name}, c.${name}) as ${name}` : `v.${name}`,
  )
  return `create or replace temporary table capped_values as
select v.variant, v.segment, v.complete, ${columns.join(', ')}
from unit_values v
cross join caps c`
}

/** The column with the sum of the products of two amounts. */
export function productName(a: AmountName, b: AmountName): string {
  return `${a}_x_${b}`
}

/** Pairs of amounts whose products are summed: each with itself, and each with those before it. */
function amountPairs(names: readonly AmountName[]): readonly (readonly [AmountName, AmountName])[] {
  return names.flatMap((name, index) =>
    names.slice(0, index + 1).map((other): readonly [AmountName, AmountName] => [other, name]),
  )
}

/**
 * The sums of a metric. `fits` is 0 where a sum of squares may pass 2^127: DuckDB adds up the sums of its threads without
 * checking for that, and the total can then come out small. The check uses doubles, whose rounding does not matter: every
 * sum from 10^38 on is refused by its digits anyway, and 1.5e38 is far above that and below 2^127.
 */
export function metricSumsSql(metric: AskedMetric, table: 'unit_values' | 'capped_values'): string {
  const names = amountNames(metric)
  const sums = names.map((name) => `cast(sum(${name}) as string) as ${name}`)
  const products = amountPairs(names).map(
    ([a, b]) => `cast(sum(${a} * ${b}) as string) as ${productName(a, b)}`,
  )
  const fits = names.map((name) => `sum(cast(${name} as double) * cast(${name} as double)) < 1.5e38`)
  return `select cast(variant as string) as variant, cast(segment as string) as segment,
  cast(complete as string) as complete, cast(count(*) as string) as n,
  case when ${fits.join(' and ')} then '1' else '0' end as fits,
  ${[...sums, ...products].join(',\n  ')}
from ${table}
group by variant, segment, complete`
}

export const HISTOGRAM_SQL = `select cast(variant as string) as variant, cast(segment as string) as segment,
  cast(complete as string) as complete, cast(value as string) as value, cast(count(*) as string) as n
from unit_values
group by variant, segment, complete, value`

/** The texts of the attributes of events that a metric's filter is about. */
export function filterTextsSql(index: number): string {
  return `select cast(a.id as string) as id, a.text
from attributes a
where a.id in (
  select i.attributes
  from interactions i
  join asked_events p on p.metric = ${integer(index)} and p.part = ${NUMERATOR} and p.event = i.type
)`
}
