import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { AnalystProgress, ExperimentationStore } from '../datastore/port.ts'
import { ReadModelAheadError, ReadModelBehindError, ReadModelDamagedError } from '../read-model/errors.ts'
import { createFollower, type Follower } from '../read-model/follow.ts'
import type { ReadModel, Sums, SumsQuery } from '../read-model/port.ts'

const ERASURES_INTERVAL_MS = 5_000
const LOOK_MS = 20

export type KeptReadModel = {
  /**
   * Opens the file unless it is open, and follows the log until nothing is new or the signal aborts. A file that cannot be
   * used any more is deleted; the next call begins anew. Rejects where the datastore fails, and with ReadModelLockedError
   * where another process has the file.
   */
  follow(signal: AbortSignal): Promise<void>
  progress(): AnalystProgress
  /**
   * Waits until the read model has the events up to `asOf`, but not for ever. Rejects as `ReadModel.sums` does, and with
   * ReadModelBehindError where it took too long.
   */
  sums(query: SumsQuery, signal: AbortSignal): Promise<Sums>
  close(): Promise<void>
}

type Open = { readonly model: ReadModel; readonly follower: Follower }

/** A read model in a file that is kept, follows the log, and is made anew whenever there is a doubt about it. */
export function createKeptReadModel(options: {
  readonly store: Pick<
    ExperimentationStore,
    'head' | 'eventsBetween' | 'logStart' | 'logId' | 'erasuresSince'
  >
  /** @param log the id of the datastore */
  readonly openModel: (log: string) => Promise<ReadModel>
  /** Events of a page. */
  readonly limit: number
  /** Erasures are known for this long after they came. */
  readonly eventMaxAgeMs: number
  /** How long `sums` waits, in milliseconds. */
  readonly waitMs: number
  /** How often erasures are asked for, in milliseconds. */
  readonly erasuresIntervalMs?: number
  readonly clock: Clock
  readonly log: Logger
}): KeptReadModel {
  const { store, openModel, limit, eventMaxAgeMs, waitMs, clock, log } = options
  const { erasuresIntervalMs = ERASURES_INTERVAL_MS } = options
  let opened: Open | null = null
  let progress: AnalystProgress = { through: 0, caughtUpAt: 0 }
  let erasuresReadAt = Number.NEGATIVE_INFINITY

  async function open(): Promise<Open> {
    const id = await store.logId()
    const model = await openModel(id)
    try {
      const { at } = await model.erasuresRead()
      if (at > 0 && clock.now() - at >= eventMaxAgeMs) {
        log.info('the read model is older than what is known of erasures, and made anew')
        await model.discard()
        return await open()
      }
      progress = { through: await model.through(), caughtUpAt: 0 }
      erasuresReadAt = Number.NEGATIVE_INFINITY
      return { model, follower: createFollower({ store, model, limit }) }
    } catch (error) {
      await model.close()
      throw error
    }
  }

  async function drop(how: 'close' | 'discard'): Promise<void> {
    const dropped = opened
    opened = null
    progress = { through: 0, caughtUpAt: 0 }
    await dropped?.model[how]()
  }

  async function eraseKnown(model: ReadModel, again = false): Promise<void> {
    // Before it is asked, so that nothing is between this time and the next one.
    const at = clock.now()
    const { from } = await model.erasuresRead()
    await model.eraseKnown({ erasures: await store.erasuresSince(from), at, again })
    erasuresReadAt = performance.now()
  }

  async function followOpen({ model, follower }: Open, signal: AbortSignal): Promise<void> {
    let more = true
    while (more && !signal.aborted) {
      const at = clock.now()
      more = await follower.step()
      progress = {
        through: await model.through(),
        caughtUpAt: more ? progress.caughtUpAt : at,
      }
      if (performance.now() - erasuresReadAt >= erasuresIntervalMs) await eraseKnown(model)
    }
  }

  return {
    async follow(signal) {
      opened ??= await open()
      try {
        await followOpen(opened, signal)
      } catch (error) {
        const isDamaged = error instanceof ReadModelDamagedError
        if (!isDamaged && !(error instanceof ReadModelAheadError)) throw error
        log.warn({ err: error }, 'the read model is deleted, and made anew')
        await drop(isDamaged ? 'close' : 'discard')
      }
    },

    progress: () => progress,

    async sums(query, signal) {
      const until = performance.now() + waitMs
      while (opened === null || progress.through < query.asOf) {
        signal.throwIfAborted()
        if (performance.now() > until) {
          throw new ReadModelBehindError(
            `position ${query.asOf} is asked for, the read model is at ${progress.through} and did not get there in time`,
          )
        }
        await sleep(LOOK_MS, undefined, { signal })
      }
      const { model } = opened
      // So that it has no event that was erased before it was asked for: what is stored with it counts those.
      await eraseKnown(model, true)
      return await model.sums(query)
    },

    close: () => drop('close'),
  }
}
