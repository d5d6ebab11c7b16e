import type { AnalystProgress, ExperimentationStore } from '../../datastore/port.ts'

const NOTHING: AnalystProgress = { through: 0, caughtUpAt: 0 }

export type LeaseKeeper = {
  /**
   * Takes the lease where it is free or its holder is silent, or keeps it; stores the progress with it. A holder whose
   * lease was taken meanwhile stores nothing. Rejects with DatastoreUnavailableError.
   */
  beat(progress: AnalystProgress): Promise<void>
  /** Whether this one holds it, as far as it can know. */
  isHeld(): boolean
  /** Lets the next one take it at once. */
  giveUp(progress: AnalystProgress): Promise<void>
}

/**
 * Decides who analyses. No clock is compared with another one: a lease is free once this process has seen it unchanged for
 * as long as a lease lasts, by its own clock. Two can still believe that they hold it for a moment, after a process was
 * frozen. So nothing that a holder does may be wrong when another one does it, too: what it stores is a function of the
 * events up to a position, and how far it has got is stored only together with the lease.
 */
export function createLeaseKeeper(options: {
  readonly store: Pick<ExperimentationStore, 'lease' | 'replaceLease'>
  /** Unique among all processes that ever ran. */
  readonly holder: string
  /** How long a holder may be silent, in milliseconds. */
  readonly leaseMs: number
  /** Milliseconds that never go back. */
  readonly monotonic: () => number
}): LeaseKeeper {
  const { store, holder, leaseMs, monotonic } = options
  let seen: { readonly beat: number; readonly at: number } | null = null
  /** When the last beat of this holder was begun. */
  let heldFrom: number | null = null

  async function replace(
    expectedBeat: number | null,
    progress: AnalystProgress,
    next: string | null,
  ): Promise<boolean> {
    const lease = { holder: next, beat: (expectedBeat ?? 0) + 1, progress }
    return store.replaceLease({ expectedBeat, lease })
  }

  return {
    async beat(progress) {
      const at = monotonic()
      const lease = await store.lease()
      const isOwn = lease?.holder === holder
      if (!isOwn) {
        heldFrom = null
        const isFree = lease === null || lease.holder === null
        if (!isFree && seen?.beat !== lease.beat) seen = { beat: lease.beat, at: monotonic() }
        if (!isFree && seen !== null && at - seen.at < leaseMs) return
      }
      // A new holder has read nothing yet.
      const taken = await replace(lease?.beat ?? null, isOwn ? progress : NOTHING, holder)
      heldFrom = taken ? at : null
    },

    isHeld: () => heldFrom !== null && monotonic() - heldFrom < leaseMs,

    async giveUp(progress) {
      if (heldFrom === null) return
      heldFrom = null
      const lease = await store.lease()
      if (lease?.holder === holder) await replace(lease.beat, progress, null)
    },
  }
}
