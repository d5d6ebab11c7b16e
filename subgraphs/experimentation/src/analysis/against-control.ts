import { confidenceSequence } from '@bulkhead/statistics/always-valid'
import type { Moments } from '@bulkhead/statistics/moments'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import { DEFAULT_TUNING, FIRST_LOOK } from './compare-arms.ts'

/**
 * The p-values of the treatments that can be compared with the control. By confidence sequences, because health checks are
 * looked at every day.
 */
export function pValuesAgainstControl(
  arms: readonly { readonly isControl: boolean; readonly moments: Result<Moments> }[],
  alpha: number,
): readonly number[] {
  const control = arms.find(({ isControl }) => isControl)?.moments ?? { refused: 'too-few-units' as const }
  return arms.flatMap(({ isControl, moments }) => {
    if (isControl) return []
    const test = confidenceSequence(control, moments, {
      ...{ scale: 'ABSOLUTE', alternative: 'TWO_SIDED', tuning: DEFAULT_TUNING, firstLook: FIRST_LOOK },
      alpha,
    })
    return isRefusal(test) ? [] : [test.pValue]
  })
}
