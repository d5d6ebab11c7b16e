import { armsOfMeans } from '@bulkhead/experimentation/analysis/arms'
import { compareArms } from '@bulkhead/experimentation/analysis/compare-arms'
import type { RoleTest } from '@bulkhead/experimentation/analysis/role-tests'
import type { AnalysisPlan } from '@bulkhead/experimentation/domain/plan/analysis-plan'
import { EMPTY_PLAN } from '@bulkhead/experimentation/domain/plan/analysis-plan'
import { sampleMetric } from '@bulkhead/experimentation/testing/sample-metrics'
import type { Population } from './populations.ts'
import { type ArmSums, emptyArm, metricSums } from './units.ts'

/** Control and treatment of one experiment so far. */
export type TwoArms = { readonly control: ArmSums; readonly treatment: ArmSums }

export function newArms(): TwoArms {
  return { control: emptyArm(), treatment: emptyArm() }
}

/** Adds so many new units to both arms; those of the treatment with a lift. */
export function grow(
  { control, treatment }: TwoArms,
  population: Population,
  units: { readonly control: number; readonly treatment: number },
  random: () => number,
  lift = 0,
): void {
  for (let unit = 0; unit < units.control; unit++) population.draw(control, random, 0)
  for (let unit = 0; unit < units.treatment; unit++) population.draw(treatment, random, lift)
}

export const TWO_SIDED: RoleTest = {
  role: 'SUCCESS',
  alternative: 'TWO_SIDED',
  alpha: 0.05,
  nullValue: 0,
  direction: 0,
}

/** As an analysis does it, from sums to the result of one test. Throws where there is no result. */
export function compare(
  arms: TwoArms,
  population: Population,
  test: RoleTest,
  plan: Pick<AnalysisPlan, 'method' | 'scale' | 'plannedSampleSize'> = EMPTY_PLAN,
) {
  const { beside, kind } = population
  const made = armsOfMeans(
    sampleMetric({ kind, denominatorEvent: kind === 'RATIO' ? 'SLATE' : null }),
    [
      metricSums('plays', 'control', arms.control, beside),
      metricSums('plays', 'treatment', arms.treatment, beside),
    ],
    beside === 'covariate',
  )
  const [control, treatment] = made.arms
  if (control === undefined || treatment === undefined) throw new Error('an arm is missing')
  const result = compareArms(control, treatment, made, test, plan)
  if ('refused' in result) throw new Error(`no result: ${result.refused}`)
  return result
}
