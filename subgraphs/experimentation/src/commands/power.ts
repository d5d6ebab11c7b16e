import { systemClock } from '@bulkhead/service/clock'
import { analysePower } from '../analysis/power-analysis.ts'
import type { PowerCommand } from '../command-line/power.ts'
import { describeProblems } from '../domain/input-problems.ts'
import { daysOf } from '../domain/plan/traffic.ts'
import { recentTraffic } from '../services/planning/recent-traffic.ts'
import { powerReport } from '../terminal/power-report.ts'
import { UsageError } from './errors.ts'
import { openToRead } from './store.ts'

/** @throws UsageError that names every problem of the question */
export async function power({ question, traffic, json }: PowerCommand): Promise<string> {
  const outcome = analysePower(question)
  if (outcome.type !== 'planned') {
    throw new UsageError(describeProblems(outcome.problems))
  }
  const unitsPerDay = traffic === 'recent' ? await trafficOfStore() : traffic
  const { analysis } = outcome
  return json
    ? JSON.stringify({ ...analysis, unitsPerDay, days: daysOf(analysis.totalUnits, unitsPerDay) }, null, 2)
    : powerReport(question, analysis, unitsPerDay)
}

/** @throws UsageError where no experiment has had exposures in the last weeks */
async function trafficOfStore(): Promise<number> {
  await using store = await openToRead()
  const units = await recentTraffic(store, systemClock.now())
  if (units === null) throw new UsageError('no experiment has had exposures lately: give --units-per-day')
  return units
}
