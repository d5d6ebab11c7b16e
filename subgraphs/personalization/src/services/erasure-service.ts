import { setImmediate } from 'node:timers/promises'
import { identifierSchema } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { ErasedRows, PersonalizationStore } from '../datastore/port.ts'
import { erasureEvent, newErasure, type OpenErasure } from '../domain/erasure.ts'

export type ErasureStore = Pick<
  PersonalizationStore,
  'beginErasure' | 'eraseSome' | 'openErasures' | 'finishErasure'
>

type ErasureResult =
  | { readonly type: 'erased'; readonly id: string; readonly interactions: number; readonly slates: number }
  | { readonly type: 'refused'; readonly code: 'INVALID_IDENTIFIER' }

export type ErasureService = {
  /**
   * Erases a user. Once it resolves the erasure is durable, with the event that tells experimentation, and what could
   * be erased in some steps is gone; `carryOn` erases the rest. Rejects with `DatastoreUnavailableError`; the same call
   * can be made again, and makes an erasure of its own.
   * @param by who asks for it, for the erasure log
   */
  erase(userId: string, by: string): Promise<ErasureResult>
  /**
   * Goes on with every erasure that is not finished, wherever it was when its process ended, and finishes those that
   * are old enough. Returns those that are still open.
   */
  carryOn(signal: AbortSignal): Promise<readonly OpenErasure[]>
}

/** Rows of a kind in one transaction. */
const ROWS_PER_STEP = 200
/** Erasures that are looked at in one go. */
const OPEN_AT_ONCE = 100
/**
 * What was under way when the user was erased may be stored after the last row was taken out: slates wait for
 * COMMIT_DEADLINE_MS, and clients' clocks may be a minute ahead. An erasure looks again until then.
 */
export const ERASURE_GRACE_MS = 2 * 60_000

/** @param options.maxSteps of one call of `erase`; a step takes some milliseconds */
export function createErasureService(options: {
  readonly store: ErasureStore
  readonly clock: Clock
  readonly newId: () => string
  readonly maxSteps: number
  /** Forgets what this process remembers of a user. Every replica is told, as long as the erasure is open. */
  readonly forget?: (userId: string) => void
}): ErasureService {
  const { store, clock, newId, maxSteps, forget = () => undefined } = options

  /** True where nothing was left. */
  async function eraseRows(erasureId: string, through: number, steps: number, signal?: AbortSignal) {
    const total = { interactions: 0, slates: 0 }
    for (let step = 0; step < steps && signal?.aborted !== true; step++) {
      const erased = await store.eraseSome({ erasureId, through, limit: ROWS_PER_STEP })
      total.interactions += erased.interactions
      total.slates += erased.slates
      if (isNothing(erased)) return { ...total, done: true }
      await setImmediate()
    }
    return { ...total, done: false }
  }

  return {
    async erase(userId, by) {
      if (!identifierSchema.safeParse(userId).success) return { type: 'refused', code: 'INVALID_IDENTIFIER' }
      const erasure = newErasure({ id: newId(), userId, by, at: clock.now() })
      await store.beginErasure(erasure, erasureEvent(erasure))
      forget(userId)
      // Everything, also what a client's clock has put into the future.
      const through = erasure.at + ERASURE_GRACE_MS
      const { interactions, slates } = await eraseRows(erasure.id, through, maxSteps)
      return { type: 'erased', id: erasure.id, interactions, slates }
    },

    async carryOn(signal) {
      const stillOpen: OpenErasure[] = []
      for (const erasure of await store.openErasures(OPEN_AT_ONCE)) {
        forget(erasure.userId)
        const { done } = await eraseRows(erasure.id, erasure.at, Number.POSITIVE_INFINITY, signal)
        if (done && clock.now() >= erasure.at + ERASURE_GRACE_MS) {
          await store.finishErasure(erasure.id, clock.now())
        } else stillOpen.push(erasure)
        if (signal.aborted) break
      }
      return stillOpen
    },
  }
}

function isNothing({ interactions, slates, deadLetters }: ErasedRows): boolean {
  return interactions === 0 && slates === 0 && deadLetters === 0
}
