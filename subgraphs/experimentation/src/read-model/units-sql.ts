import type { SumsQuery } from './port.ts'
import { integer } from './sql-numbers.ts'

/**
 * The statements that find the analysed units. Like all statements here they hold nothing but fixed text and integers,
 * and only what DuckDB and Spark SQL answer alike: no division, no NULL that is compared, every order written out, and
 * integers that are read as texts.
 */

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

type Limits = Pick<SumsQuery, 'cutoff' | 'asOf'>

/** Events of the experiment's version and variants, from `exposures` or `served`. */
function seen(table: 'exposures' | 'served', { cutoff, asOf }: Limits): string {
  return `from ${table} e
  join asked_experiment x on x.key = e.key and x.version = e.version
  join asked_variants v on v.key = e.variant
  where e.position <= ${integer(asOf)} and e.occurred < ${integer(cutoff)}`
}

const WHILE_RUNNING =
  'exists (select 1 from asked_intervals r where e.occurred >= r.starts and e.occurred < r.ends)'

/** `forced_units (unit, variant, occurred)`: one row for each unit that was ever forced, of the first time. */
export function forcedUnitsSql(limits: Limits): string {
  return `create temporary table forced_units as
select f.unit, f.variant, f.occurred
from (
  select s.unit, s.variant, s.occurred, row_number() over (partition by s.unit order by s.occurred asc, s.position asc) as place
  from (
    select e.unit, v.number as variant, e.occurred, e.position ${seen('exposures', limits)} and e.forced
    union all
    select e.unit, v.number as variant, e.occurred, e.position ${seen('served', limits)} and e.forced
  ) s
) f
where f.place = 1`
}

const FIRSTS = `row_number() over (partition by s.unit order by s.occurred asc, s.position asc) as place,
    min(s.variant) over (partition by s.unit) as lowest, max(s.variant) over (partition by s.unit) as highest`

const REASONS = `case when f.lowest < f.highest then 1 else 0 end as several,
  case when l.unit is null then 0 else 1 end as excluded`

const LEFT_OUT = `left join forced_units o on o.unit = f.unit
left join asked_exclusions l on l.unit = f.unit
where f.place = 1 and o.unit is null`

/**
 * `exposed (id, unit, variant, occurred, degraded, attributes, several, excluded)`: one row for each unit that counts or would
 * count, from its first exposure, whose position is the id. Forced exposures need no condition of their own: all of their
 * units are left out.
 */
export function exposedSql(limits: Limits): string {
  return `create temporary table exposed as
select f.position as id, f.unit, f.variant, f.occurred, f.degraded, f.attributes,
  ${REASONS}
from (
  select s.*,
    ${FIRSTS}
  from (
    select e.position, e.unit, v.number as variant, e.occurred, e.attributes,
      case when e.applied then 0 else 1 end as degraded
    ${seen('exposures', limits)} and ${WHILE_RUNNING}
  ) s
) f
${LEFT_OUT}`
}

/** `served_units (variant, occurred, several, excluded)`: the same of `served` events. */
export function servedUnitsSql(limits: Limits): string {
  return `create temporary table served_units as
select f.variant, f.occurred,
  ${REASONS}
from (
  select s.*,
    ${FIRSTS}
  from (
    select e.position, e.unit, v.number as variant, e.occurred
    ${seen('served', limits)} and ${WHILE_RUNNING}
  ) s
) f
${LEFT_OUT}`
}

/** The texts of the attributes by which units are put into segments, and how many units have each. */
export const SEGMENT_TEXTS_SQL = `select cast(a.id as string) as id, a.text, cast(x.units as string) as units
from attributes a
join (
  select attributes, count(*) as units from exposed where several = 0 and excluded = 0 group by attributes
) x on x.attributes = a.id`

/**
 * `units (id, unit, variant, segment, occurred, degraded)`: the analysed units. Segment 0 is none, and -1 stands for those
 * that are not told apart.
 */
export const UNITS_SQL = `create temporary table units as
select x.id, x.unit, x.variant, coalesce(s.segment, 0) as segment, x.occurred, x.degraded
from exposed x
left join asked_segments s on s.attributes = x.attributes
where x.several = 0 and x.excluded = 0`

export const UNIT_COUNTS_SQL = `select cast(u.variant as string) as variant, cast(u.segment as string) as segment,
  cast(u.day as string) as day, cast(count(*) as string) as units, cast(sum(u.degraded) as string) as degraded
from (select variant, segment, degraded, occurred - occurred % ${DAY_MS} as day from units) u
group by u.variant, u.segment, u.day`

export const SERVED_COUNTS_SQL = `select cast(u.variant as string) as variant, cast(u.day as string) as day,
  cast(count(*) as string) as units
from (select variant, occurred - occurred % ${DAY_MS} as day from served_units where several = 0 and excluded = 0) u
group by u.variant, u.day`

export const FORCED_COUNTS_SQL = `select cast(variant as string) as variant, cast(count(*) as string) as units
from forced_units
group by variant`

export const EXCLUDED_COUNTS_SQL = `select cast(variant as string) as variant, cast(count(*) as string) as units
from exposed
where excluded = 1
group by variant`

/** Exposures by the hour in which they say that they were served, as heartbeats count them. */
export function arrivedSql({ asOf, cutoff }: Limits): string {
  return `select cast(s.variant as string) as variant, cast(s.hour as string) as hour,
  cast(count(*) as string) as exposures
from (
  select v.number as variant, e.claimed - e.claimed % ${HOUR_MS} as hour
  from exposures e
  join asked_experiment x on x.key = e.key and x.version = e.version
  join asked_variants v on v.key = e.variant
  where e.position <= ${integer(asOf)} and e.claimed < ${integer(cutoff)} and not e.forced
) s
group by s.variant, s.hour`
}

/** After every instant that an event can have. */
const NEVER = 9_007_199_254_740_991

/**
 * By the start of a UTC day: units that a query with this cutoff would have as complete, and those that it would leave out
 * again, as changes. A unit is complete from the first day that begins when its time is over or later, and left out from
 * the first day that begins after it met a second variant or was forced.
 */
export function completedSql(limits: Limits, completeAfterMs: number): string {
  const exposures = `select e.position, e.unit, v.number as variant, e.occurred
      ${seen('exposures', limits)} and ${WHILE_RUNNING}`
  const byTime = 'over (partition by s.unit order by s.occurred asc, s.position asc'
  const units = `select k.ready + (${DAY_MS} - k.ready % ${DAY_MS}) % ${DAY_MS} as ready,
    coalesce(m.occurred - m.occurred % ${DAY_MS} + ${DAY_MS}, ${NEVER}) as lost
  from (
    select f.unit, f.occurred + ${integer(completeAfterMs)} as ready
    from (select s.*, row_number() ${byTime}) as place from (${exposures}) s) f
    left join asked_exclusions l on l.unit = f.unit
    where f.place = 1 and l.unit is null
  ) k
  left join (
    select o.unit, min(o.occurred) as occurred
    from (
      select unit, occurred from forced_units
      union all
      select f.unit, f.occurred
      from (
        select s.*, first_value(s.variant) ${byTime} rows between unbounded preceding and current row) as first_variant
        from (${exposures}) s
      ) f
      where f.variant <> f.first_variant
    ) o
    group by o.unit
  ) m on m.unit = k.unit`
  return `select cast(c.day as string) as day, cast(sum(c.units) as string) as units
from (
  select u.ready as day, 1 as units from (${units}) u where u.ready < u.lost
  union all
  select u.lost as day, -1 as units from (${units}) u where u.ready < u.lost
) c
where c.day <= ${integer(limits.cutoff)}
group by c.day
having sum(c.units) <> 0`
}

/** How many units met two variants or more, and are not left out for another reason. */
export const MULTIPLE_SQL = `select
  cast((select count(*) from exposed where several = 1 and excluded = 0) as string) as exposed,
  cast((select count(*) from served_units where several = 1 and excluded = 0) as string) as served`
