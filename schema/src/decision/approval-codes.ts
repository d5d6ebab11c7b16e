import type { Grade } from '../model/finding.ts'

/** What is found about approvals and the baseline, for the documentation too. */
export const APPROVAL_CODES = {
  APPROVAL_EXPIRED: {
    grade: 'ERROR',
    reason: 'An approval holds until its day only, so that it does not outlive the reason for it.',
    advice: 'Remove it, or have it approved again with a later day.',
  },
  APPROVAL_UNUSED: {
    grade: 'WARNING',
    reason: 'An approval that nothing needs would excuse the same change when somebody makes it again.',
    advice: 'Remove it.',
  },
  BASELINE_STALE: {
    grade: 'NOTE',
    reason: 'What is not found any more needs no place in the baseline, where it would excuse its return.',
    advice: 'Write the baseline again.',
  },
} as const satisfies Record<
  string,
  { readonly grade: Grade; readonly reason: string; readonly advice: string }
>
export type ApprovalCode = keyof typeof APPROVAL_CODES
