import type { Grade } from '../model/finding.ts'

/** What can be said of approvals and the baseline: for each code, why it has its grade, and what to do about it. */
export const APPROVAL_CODES = {
  APPROVAL_EXPIRED: {
    grades: { ERROR: 'An approval holds until its day only, so that it does not outlive the reason for it.' },
    advice: 'Remove it, or have it approved again with a later day.',
  },
  APPROVAL_UNUSED: {
    grades: {
      WARNING: 'An approval that nothing needs would excuse the same change when somebody makes it again.',
    },
    advice: 'Remove it.',
  },
  REMOVED_SUBGRAPH_UNUSED: {
    grades: {
      WARNING: 'It would excuse the removal of a subgraph that somebody adds by that name.',
    },
    advice: 'Take it out of `removed_subgraphs`.',
  },
  BASELINE_STALE: {
    grades: {
      NOTE: 'What is not found any more needs no place in the baseline, where it would excuse its return.',
    },
    advice: 'Write the baseline again.',
  },
} as const satisfies Record<
  string,
  { readonly grades: Partial<Record<Grade, string>>; readonly advice: string }
>
export type ApprovalCode = keyof typeof APPROVAL_CODES
