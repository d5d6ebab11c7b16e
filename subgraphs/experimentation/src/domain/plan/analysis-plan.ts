import { canonicalHash, keySchema } from '@bulkhead/contracts'
import type { InputProblem } from '../input-problems.ts'
import type { Targeting } from '../targeting/definitions.ts'

export const ANALYSIS_METHODS = ['FIXED_HORIZON', 'GROUP_SEQUENTIAL', 'ALWAYS_VALID'] as const
export type AnalysisMethod = (typeof ANALYSIS_METHODS)[number]

export const EFFECT_SCALES = ['ABSOLUTE', 'RELATIVE'] as const
export type EffectScale = (typeof EFFECT_SCALES)[number]

/** Lan-DeMets alpha spending: O'Brien-Fleming and Pocock types, and the power family alpha * t^rho of Kim and DeMets. */
export const SPENDING_FUNCTIONS = ['OBRIEN_FLEMING', 'POCOCK', 'LINEAR', 'QUADRATIC'] as const
export type SpendingFunction = (typeof SPENDING_FUNCTIONS)[number]
export const MIN_LOOKS = 2
export const MAX_LOOKS = 100
const MAX_SEGMENTS = 20
const MAX_EXCLUSIONS = 20
export const MAX_SAMPLE_SIZE = 2 ** 31 - 1

/**
 * A saved group, as it was at a version, whose units are left out of every result: testers, or known robots. It lists
 * units, so it cannot tell one variant from another, and a later version of the group changes nothing.
 */
export type ExclusionList = {
  readonly savedGroup: string
  readonly version: number
}

/** What is promised before the start: results are computed as it says, and quote its hash. */
export type AnalysisPlan = {
  readonly method: AnalysisMethod
  readonly scale: EffectScale
  readonly twoSided: boolean
  readonly alpha: number
  readonly power: number
  /** Group-sequential only: the spending function and the number of looks. */
  readonly spending: string | null
  readonly looks: number | null
  readonly cuped: boolean
  /** Attributes by which results are broken down. */
  readonly segments: readonly string[]
  readonly exclusions: readonly ExclusionList[]
  readonly plannedSampleSize: number | null
  /** Epoch milliseconds. */
  readonly plannedEnd: number | null
  /**
   * It was said at the start that nothing is to be learned: there are no metrics, and the decision cannot be SHIP. Absent
   * otherwise, so that plans from before it have the hash that they had.
   */
  readonly noAnalysis?: true
}

/** What a plan lacks for a start. */
export type PlanGap = 'metrics' | 'plannedSampleSize' | 'looks'

/** What an input without a plan means, and what experiments have that were stored before there were plans. */
export const EMPTY_PLAN: AnalysisPlan = Object.freeze({
  method: 'FIXED_HORIZON',
  scale: 'RELATIVE',
  twoSided: true,
  alpha: 0.05,
  power: 0.8,
  spending: null,
  looks: null,
  cuped: false,
  segments: Object.freeze([]),
  exclusions: Object.freeze([]),
  plannedSampleSize: null,
  plannedEnd: null,
})

/** SHA-256 of the plan's canonical JSON, hex. */
export function planHash(plan: AnalysisPlan): string {
  return canonicalHash(plan)
}

export function isSpendingFunction(spending: string | null): spending is SpendingFunction {
  return SPENDING_FUNCTIONS.some((known) => known === spending)
}

/** @param savedGroups the newest version of each */
export function checkPlan(plan: AnalysisPlan, savedGroups: Targeting['savedGroups']): InputProblem[] {
  const problems: InputProblem[] = []
  function check(holds: boolean, field: keyof AnalysisPlan, message: string): void {
    if (!holds) problems.push({ path: ['plan', field], message })
  }
  check(plan.alpha > 0 && plan.alpha < 1, 'alpha', 'must be above 0 and below 1')
  check(plan.power > plan.alpha && plan.power < 1, 'power', 'must be above alpha and below 1')
  if (plan.method === 'GROUP_SEQUENTIAL') {
    check(isSpendingFunction(plan.spending), 'spending', `must be one of: ${SPENDING_FUNCTIONS.join(', ')}`)
    const looks = plan.looks ?? 0
    check(
      Number.isInteger(looks) && looks >= MIN_LOOKS && looks <= MAX_LOOKS,
      'looks',
      `must be ${MIN_LOOKS} to ${MAX_LOOKS} for GROUP_SEQUENTIAL`,
    )
  } else {
    check(plan.spending === null, 'spending', 'is for GROUP_SEQUENTIAL only')
    check(plan.looks === null, 'looks', 'is for GROUP_SEQUENTIAL only')
  }
  const { segments, plannedSampleSize } = plan
  check(segments.length <= MAX_SEGMENTS, 'segments', `must not name more than ${MAX_SEGMENTS} segments`)
  check(new Set(segments).size === segments.length, 'segments', 'must not name a segment twice')
  check(
    segments.every((segment) => keySchema.safeParse(segment).success),
    'segments',
    'must be names of attributes',
  )
  check(
    plannedSampleSize === null || (plannedSampleSize >= 1 && plannedSampleSize <= MAX_SAMPLE_SIZE),
    'plannedSampleSize',
    `must be 1 to ${MAX_SAMPLE_SIZE}`,
  )
  return [...problems, ...checkExclusions(plan.exclusions, savedGroups)]
}

/** Problems of a plan with the metrics beside it. */
export function checkAnalysed(
  { noAnalysis }: Pick<AnalysisPlan, 'noAnalysis'>,
  metrics: readonly unknown[],
): InputProblem[] {
  return noAnalysis === true && metrics.length > 0
    ? [{ path: ['plan', 'noAnalysis'], message: 'is for experiments without metrics' }]
    : []
}

/**
 * What an experiment cannot be started without: metrics, or the word that there are none; and the sample where the plan
 * promises a number of looks, because their levels hold for that sample only.
 */
export function gapsOf(plan: AnalysisPlan, metrics: readonly unknown[]): readonly PlanGap[] {
  if (plan.noAnalysis === true) return []
  const gaps: PlanGap[] = []
  if (metrics.length === 0) gaps.push('metrics')
  if (plan.method !== 'ALWAYS_VALID' && plan.plannedSampleSize === null) gaps.push('plannedSampleSize')
  if (plan.method === 'GROUP_SEQUENTIAL' && plan.looks === null) gaps.push('looks')
  return gaps
}

function checkExclusions(
  exclusions: readonly ExclusionList[],
  savedGroups: Targeting['savedGroups'],
): InputProblem[] {
  if (exclusions.length > MAX_EXCLUSIONS) {
    return [{ path: ['plan', 'exclusions'], message: `must not have more than ${MAX_EXCLUSIONS} entries` }]
  }
  const keys = exclusions.map(({ savedGroup }) => savedGroup)
  return exclusions.flatMap(({ savedGroup, version }, index) => {
    const path = (field: keyof ExclusionList) => ['plan', 'exclusions', String(index), field]
    const group = savedGroups.get(savedGroup)
    if (group === undefined) {
      return [{ path: path('savedGroup'), message: 'names no saved group: create it with saveGroup' }]
    }
    if (keys.indexOf(savedGroup) !== index) {
      return [{ path: path('savedGroup'), message: 'is listed twice' }]
    }
    const isKnown = Number.isInteger(version) && version >= 1 && version <= group.version
    return isKnown ? [] : [{ path: path('version'), message: `must be 1 to ${group.version}` }]
  })
}
