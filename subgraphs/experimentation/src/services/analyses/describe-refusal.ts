import type { AnalysisResult } from '../analysis-service.ts'

type AnalysisRefusal = Exclude<AnalysisResult, { readonly type: 'analysed' }>

/** Why there is no analysis: a sentence for whoever asked for it. */
export function describeRefusal(refusal: AnalysisRefusal): string {
  switch (refusal.type) {
    case 'unknown-experiment':
      return 'There is no experiment with this key.'
    case 'never-started':
      return 'The experiment was not started before the cutoff.'
    case 'cutoff-in-future':
      return 'cutoff must not be in the future.'
    case 'unusable-plan':
      return `Alpha and power of the plan leave no level for its tests (${refusal.reason}).`
  }
}
