/** What is known of an exposure's trigger event. */
export type KnownExposure =
  | { readonly type: 'recorded'; readonly occurredAt: number; readonly recordedAt: number }
  | { readonly type: 'rejected' }

export type ExposureState =
  | { readonly status: 'RECORDED'; readonly occurredAt: number; readonly recordedAt: number }
  | { readonly status: 'PENDING' | 'REJECTED' | 'EXPIRED' }

/**
 * How an exposure stands. Of an event that has not come, only the slate's age can say whether it still may.
 * @param slate.createdAt epoch milliseconds; null where the slate's id does not tell, and then nothing expires
 */
export function exposureState(
  known: KnownExposure | null,
  slate: { readonly createdAt: number | null },
  limits: { readonly now: number; readonly maxAgeMs: number },
): ExposureState {
  if (known?.type === 'recorded') {
    return { status: 'RECORDED', occurredAt: known.occurredAt, recordedAt: known.recordedAt }
  }
  if (known?.type === 'rejected') return { status: 'REJECTED' }
  const expired = slate.createdAt !== null && limits.now - slate.createdAt > limits.maxAgeMs
  return { status: expired ? 'EXPIRED' : 'PENDING' }
}
