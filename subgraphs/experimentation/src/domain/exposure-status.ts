/** What is known about the trigger event of an exposure. */
export type KnownExposure =
  | { readonly type: 'recorded'; readonly occurredAt: number; readonly recordedAt: number }
  | { readonly type: 'rejected' }

export type ExposureState =
  | { readonly status: 'RECORDED'; readonly occurredAt: number; readonly recordedAt: number }
  | { readonly status: 'PENDING' | 'REJECTED' | 'EXPIRED' }

/**
 * The status of an exposure. If its event has not arrived, the age of the slate tells whether it still can.
 * @param slate.createdAt epoch milliseconds; null if the slate's id does not contain it, and then nothing expires
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
