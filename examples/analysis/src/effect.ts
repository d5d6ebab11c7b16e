import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import quantile from '@stdlib/stats-base-dists-t-quantile'

const [folder = '.', experiment = '', event = '', hours = '168'] = process.argv.slice(2)

// Only the files that the manifest lists count.
type Range = { readonly files: Readonly<Record<string, { readonly name: string }>> }
const { ranges }: { readonly ranges: readonly Range[] } = JSON.parse(
  readFileSync(`${folder}/manifest.json`, 'utf8'),
)
function files(table: string) {
  return ranges.flatMap(({ files: { [table]: file } }) => (file ? [`'${folder}/${file.name}'`] : []))
}

// How often each unit has done it within the window after its first exposure, and then the sums of each variant.
const sql = `
  with exposed as (
    select unit, arg_min(variant, (occurred, position)) as variant, min(occurred) as first
    from read_parquet([${files('exposures')}])
    where key = $1
    group by unit
    having count(distinct variant) = 1 and not bool_or(forced)
  ), counted as (
    select exposed.unit, variant, count(events.position) as n
    from exposed
    left join read_parquet([${files('interactions')}]) as events on events.unit = exposed.unit
      and events.type = $2 and events.occurred >= first and events.occurred < first + $3 * 3_600_000
    group by exposed.unit, variant
  )
  select variant, count(*)::double as units, avg(n) as mean, var_samp(n) as variance
  from counted group by variant order by variant`
const connection = await (await DuckDBInstance.create()).connect()
const reader = await connection.runAndReadAll(sql, [experiment, event, Number(hours)])
const arms = reader.getRowObjectsJS().map(({ variant, ...rest }) => ({ variant, ...(rest as Numbers) }))
type Numbers = { readonly units: number; readonly mean: number; readonly variance: number }

// Welch's interval of each difference from the control, which comes first or is named `control`.
const control = arms.find(({ variant }) => variant === 'control') ?? arms[0]
for (const arm of arms) {
  if (control === undefined || arm === control) continue
  const [a, b] = [control.variance / control.units, arm.variance / arm.units]
  const freedom = (a + b) ** 2 / (a ** 2 / (control.units - 1) + b ** 2 / (arm.units - 1))
  const half = quantile(0.975, freedom) * Math.sqrt(a + b)
  const estimate = arm.mean - control.mean
  console.log(
    JSON.stringify({ variant: arm.variant, estimate, lower: estimate - half, upper: estimate + half }),
  )
}
