import { setTimeout as sleep } from 'node:timers/promises'
import { jitteredDelay } from '@bulkhead/service/backoff'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import type { ExperimentationStore, ModelDecisionStore } from '../../datastore/port.ts'
import { EXPERIMENTATION_ERRORS } from '../../errors.ts'
import type { SignSnapshot, SnapshotService } from '../snapshot-service.ts'
import type { Change, ChangeOutcome } from './change.ts'
import { beginBatch } from './change-batch.ts'
import { createStateReader } from './state-reader.ts'

export type ChangeQueue = {
  /** Reads what changes are decided on, so that the first one, which may be a pause, does not wait for it. */
  prepare(): Promise<void>
  /**
   * Decides a change on what is stored, and resolves once it, its audit entry and the snapshot that shows it are durable.
   * Changes that are waiting are stored together. Urgent ones go before all others.
   * @throws ServiceError CHANGES_OVERLOADED if too many are waiting, PUBLISH_CONTENTION if other replicas were faster for
   *   30 s; an urgent change is tried until it is stored
   */
  run(change: Change): Promise<ChangeOutcome>
}

export type ChangeQueueOptions = {
  readonly store: Pick<
    ExperimentationStore,
    | 'changeHead'
    | 'commit'
    | 'experimentsByKeys'
    | 'assigningExperiments'
    | 'metricsByKeys'
    | 'targetingDefinitions'
    | 'findAuditEntries'
  > &
    ModelDecisionStore
  readonly snapshots: Pick<SnapshotService, 'accept'>
  readonly sign: SignSnapshot
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  /** How long other replicas may be faster before a change is given up; 30 s unless said otherwise. */
  readonly contentionLimitMs?: number
}

/** Upper bound on waiting changes, and on urgent ones: their number is bounded by the experiments that run. */
const MAX_WAITING = 1_000
const MAX_URGENT = 10_000
/** A commit holds up what arrives during it, so it must not become long. */
const MAX_BATCH = 200
const CONTENTION_LIMIT_MS = 30_000
const BACKOFF = { baseMs: 5, maxMs: 200 }
const URGENT_BACKOFF = { baseMs: 1, maxMs: 10 }

type Pending = {
  readonly change: Change
  /** When it is given up, if other replicas are faster all the time; milliseconds of `performance.now()`. */
  readonly deadline: number
  resolve(outcome: ChangeOutcome): void
  reject(error: unknown): void
}

export function createChangeQueue(options: ChangeQueueOptions): ChangeQueue {
  const { store, snapshots, sign, clock, random, log } = options
  const { contentionLimitMs = CONTENTION_LIMIT_MS } = options
  const reader = createStateReader(store)
  const urgent: Pending[] = []
  const others: Pending[] = []
  let isRunning = false
  options.metrics.gauge({
    name: 'bulkhead_changes_waiting',
    help: 'Changes of experiments and metrics that wait to be stored',
    collect() {
      this.set(urgent.length + others.length)
    },
  })

  /** The outcomes in the order of the batch; null where another replica was faster. */
  async function attempt(batch: readonly Pending[]): Promise<readonly ChangeOutcome[] | null> {
    const stored = await reader.read(batch.map(({ change }) => change.needs))
    const progress = beginBatch(stored, { now: clock.now(), sign })
    const outcomes = batch.map(({ change }) => progress.add(change))
    const writes = progress.finish()
    if (writes === null) return outcomes
    if ((await store.commit(writes)) === 'conflict') {
      reader.doubt()
      return null
    }
    reader.remember(progress.after())
    if (writes.snapshot !== null) snapshots.accept(writes.snapshot)
    for (const { sequence, action, subject, by } of writes.entries) {
      log.info({ sequence, action, subject, by, snapshotVersion: writes.snapshot?.version }, 'change stored')
    }
    return outcomes
  }

  /** Waits for its turn again, before what arrived later; gives up those whose time is over. */
  function requeue(batch: readonly Pending[]): void {
    const now = performance.now()
    for (const pending of batch.toReversed()) {
      if (pending.change.urgent) urgent.unshift(pending)
      else if (now < pending.deadline) others.unshift(pending)
      else pending.reject(serviceError(EXPERIMENTATION_ERRORS.PUBLISH_CONTENTION))
    }
  }

  async function drain(): Promise<void> {
    let conflicts = 0
    for (;;) {
      // Pauses are stored on their own, so that nothing in the batch can hold them up.
      const batch = urgent.length > 0 ? urgent.splice(0, MAX_BATCH) : others.splice(0, MAX_BATCH)
      if (batch.length === 0) {
        // At once, and not when this promise has resolved: what is added in between would wait for ever.
        isRunning = false
        return
      }
      try {
        const outcomes = await attempt(batch)
        if (outcomes === null) {
          conflicts += 1
          requeue(batch)
          // Also before an urgent one, or an embedded datastore would leave the event loop no turn.
          await sleep(jitteredDelay(conflicts, urgent.length > 0 ? URGENT_BACKOFF : BACKOFF, random))
          continue
        }
        conflicts = 0
        for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome)
      } catch (error) {
        reader.forget()
        for (const { reject } of batch) reject(error)
      }
    }
  }

  return {
    async prepare() {
      await reader.read([])
    },
    run(change) {
      const queue = change.urgent ? urgent : others
      if (queue.length >= (change.urgent ? MAX_URGENT : MAX_WAITING)) {
        return Promise.reject(serviceError(EXPERIMENTATION_ERRORS.CHANGES_OVERLOADED))
      }
      return new Promise((resolve, reject) => {
        queue.push({ change, deadline: performance.now() + contentionLimitMs, resolve, reject })
        if (isRunning) return
        isRunning = true
        // In the next turn of the event loop, so that what arrives in this one is stored together.
        setImmediate(() => void drain())
      })
    },
  }
}
