import { type Bound, groupSequentialBounds } from '@bulkhead/statistics/group-sequential'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import { sequentialPValue } from '@bulkhead/statistics/sequential-p-value'
import { SPENDING_FUNCTIONS } from '@bulkhead/statistics/spending'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { Comparison } from './compare-arms.ts'
import type { Look } from './looks.ts'
import type { ComparedArms, LookResult, MissingReason } from './metric-result.ts'
import type { Comparer, PlannedTest, TestOutcome } from './planned-tests.ts'
import type { RoleTest } from './role-tests.ts'

export type SequentialLook = { readonly look: Look; readonly compare: Comparer }
type Compared = { readonly look: Look; readonly bound: Bound; readonly comparison: Comparison }

/**
 * Makes one test at all looks so far. Each look tests at the nominal level that the spending function leaves it, and the
 * first one that rejects concludes the test, in whichever direction it does. A look without a result has spent its alpha.
 * Estimates of a look that rejects are too far from 0 on average, and its interval, which holds at all looks together, is
 * wide for that.
 */
export function createSequentialTest(
  plan: AnalysisPlan,
  looks: readonly SequentialLook[],
): (planned: PlannedTest) => TestOutcome {
  const fractions = looks.map(({ look }) => look.fraction)
  const known = new Map<string, Result<readonly Bound[]>>()

  function designOf({ alternative, alpha }: RoleTest, count: number) {
    const spending = SPENDING_FUNCTIONS.find((name) => name === plan.spending)
    if (spending === undefined) throw new Error(`a plan names the spending function ${plan.spending}`)
    return { alternative, alpha, spending, fractions: fractions.slice(0, count) }
  }

  function boundsOf(test: RoleTest): Result<readonly Bound[]> {
    const key = `${test.alternative} ${test.alpha}`
    const bounds = known.get(key) ?? groupSequentialBounds(designOf(test, fractions.length))
    known.set(key, bounds)
    return bounds
  }

  function pValueOf(test: RoleTest, compared: readonly Compared[]): Result<number> {
    const pValues = compared.map(({ comparison }) => ('refused' in comparison ? 1 : comparison.pValue))
    return sequentialPValue(designOf(test, pValues.length), pValues)
  }

  return (planned) => {
    const { test } = planned
    if (looks.length === 0) return none('before-first-look', [])
    const bounds = boundsOf(test)
    if (isRefusal(bounds)) return none(bounds.refused, [])
    const compared = looks.flatMap(({ look, compare }, index): Compared[] => {
      const bound = bounds[index]
      if (bound === undefined) return []
      return [{ look, bound, comparison: compare(planned, { ...test, alpha: bound.nominalAlpha }, plan) }]
    })
    const shown = compared.map(lookResult)
    const first = shown.findIndex(({ crossed }) => crossed)
    const until = first === -1 ? compared : compared.slice(0, first + 1)
    const concluding = until.at(-1)?.comparison ?? { refused: 'before-first-look' }
    if ('refused' in concluding) return none(concluding.refused, shown)
    const pValue = pValueOf(test, until)
    if (isRefusal(pValue)) return none(pValue.refused, shown)
    const comparison: ComparedArms = { ...concluding, alphaUsed: test.alpha, pValue }
    return { comparison, looks: shown }
  }
}

function none(refused: MissingReason, looks: readonly LookResult[]): TestOutcome {
  return { comparison: { refused }, looks }
}

function lookResult({ look, bound: { bound, nominalAlpha, spent }, comparison }: Compared): LookResult {
  const { cutoff, units, fraction } = look
  const about = { cutoff, units, fraction, bound, nominalAlpha, spent }
  if ('refused' in comparison) return { ...about, effect: null, pValue: null, crossed: false }
  const { effect, pValue } = comparison
  return { ...about, effect, pValue, crossed: pValue < nominalAlpha }
}
