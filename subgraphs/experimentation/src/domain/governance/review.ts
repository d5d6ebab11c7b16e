export type Review = {
  /** The subject of the reviewer's identity. */
  readonly by: string
  readonly approved: boolean
  readonly comment: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Which submission it is about: 1 for the first. An approval counts for that one only. */
  readonly submission: number
}

/** Why this person may not review it. */
export type ReviewRefusal =
  | { readonly type: 'own-work'; readonly by: string; readonly what: 'experiment' | 'decision' }
  | { readonly type: 'already-approved'; readonly by: string }

/** What an experiment has of its reviews. */
type Reviewed = {
  readonly history: readonly { readonly to: string }[]
  readonly reviews: readonly Review[]
}

/** How often the experiment was submitted for review; a submission after an edit is another one. */
export function submissionsOf({ history }: Pick<Reviewed, 'history'>): number {
  return history.filter(({ to }) => to === 'IN_REVIEW').length
}

/** Approvals of what is under review now, one for each person. */
export function approvalsOf(experiment: Reviewed): number {
  const submission = submissionsOf(experiment)
  const approving = experiment.reviews.filter((review) => review.approved && review.submission === submission)
  return new Set(approving.map(({ by }) => by)).size
}

/** Null if this person may review the experiment: nobody reviews what they wrote, or approves it twice. */
export function refuseReviewer(
  experiment: Reviewed & { readonly authors: readonly string[] },
  review: { readonly by: string; readonly approved: boolean },
): ReviewRefusal | null {
  const { by } = review
  if (experiment.authors.includes(by)) return { type: 'own-work', by, what: 'experiment' }
  const submission = submissionsOf(experiment)
  const earlier = experiment.reviews.some(
    (other) => other.by === by && other.approved && other.submission === submission,
  )
  return earlier && review.approved ? { type: 'already-approved', by } : null
}
