import type { ExposureEvent } from '@bulkhead/contracts'
import { withDeadline } from '@bulkhead/service/deadline'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Slate } from '../domain/slate.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { ServedLedger } from '../state/served-ledger.ts'
import type { ThrottledWarning } from './throttled-warning.ts'

/** Slate writes that the datastore has not settled; beyond, slates are served unassigned at once. */
export const MAX_PENDING_WRITES = 1000

/** So many failures in a row, and the datastore counts as lost. */
const FAILURES_TO_OPEN = 5

/** While it counts as lost, one write is tried in so many milliseconds; nobody waits for it. */
const PROBE_INTERVAL_MS = 1000

/** How long a slate that has nothing to record waits for being stored. */
const UNRECORDED_DEADLINE_MS = 200

export type CommitOutcome = 'durable' | 'COMMIT_FAILED' | 'COMMIT_TIMED_OUT' | 'TOO_MANY_COMMITS'

export type SlateCommitter = {
  /** False while the datastore counts as lost. */
  isReachable(): boolean
  /**
   * Stores a slate with its pending events. Never rejects, and never takes longer than the deadline. After
   * COMMIT_TIMED_OUT the write may still succeed: its exposures then count a slate that nobody saw, which is rare and
   * the same for every variant. The ledger has such a write in flight until the datastore settles it.
   *
   * To be called in the same turn in which `slate.createdAt` was read: a heartbeat between the two would promise that
   * the slate's events were delivered.
   */
  commit(slate: Slate, events: readonly ExposureEvent[]): Promise<CommitOutcome>
  /**
   * Stores a slate that has nothing to record, if that takes no time to speak of. While the datastore counts as lost,
   * such a slate now and then is the probe that finds out whether it is back. Never rejects.
   */
  keep(slate: Slate): Promise<void>
}

export function createSlateCommitter(deps: {
  readonly store: Pick<PersonalizationStore, 'saveSlate'>
  readonly ledger: Pick<ServedLedger, 'begin'>
  readonly outboxGate: Pick<OutboxGate, 'added'>
  readonly deadlineMs: number
  readonly log: Logger
  readonly warn: ThrottledWarning
  readonly metrics: Metrics
}): SlateCommitter {
  const { store, ledger, outboxGate, deadlineMs, log, warn } = deps
  let pending = 0
  deps.metrics.gauge({
    name: 'bulkhead_slate_writes_pending',
    help: `Slate writes that the datastore has not settled, at most ${MAX_PENDING_WRITES}`,
    collect() {
      this.set(pending)
    },
  })
  const breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    halfOpenAfter: PROBE_INTERVAL_MS,
  })
  breaker.onBreak(() => log.warn('slates cannot be stored; serving unassigned until the datastore is back'))
  breaker.onReset(() => log.info('slates are stored again; assignments are back'))
  const isReachable = () => breaker.state === CircuitState.Closed

  /** Settles with the datastore, not with the deadline: until then its events can become durable. */
  async function write(slate: Slate, events: readonly ExposureEvent[]): Promise<void> {
    pending++
    const inFlight = events.length > 0 ? ledger.begin(slate.createdAt) : null
    try {
      await store.saveSlate(slate, events)
      if (inFlight === null) return
      outboxGate.added(1)
      inFlight.served(events)
    } finally {
      inFlight?.end()
      pending--
    }
  }

  function guarded(slate: Slate, events: readonly ExposureEvent[]): Promise<void> {
    return breaker.execute(() =>
      withDeadline(write(slate, events), deadlineMs, () => new CommitTimeout(deadlineMs)),
    )
  }

  return {
    isReachable,
    async commit(slate, events) {
      if (pending >= MAX_PENDING_WRITES) return 'TOO_MANY_COMMITS'
      // An open breaker would make this request wait for the probe.
      if (!isReachable()) return 'COMMIT_FAILED'
      try {
        await guarded(slate, events)
        return 'durable'
      } catch (error) {
        warn('commit', error, 'a slate could not be stored; it is served unassigned')
        return error instanceof CommitTimeout ? 'COMMIT_TIMED_OUT' : 'COMMIT_FAILED'
      }
    },
    async keep(slate) {
      // While a probe runs, further ones would queue up behind it.
      if (pending >= MAX_PENDING_WRITES || breaker.state === CircuitState.HalfOpen) return
      const wasReachable = isReachable()
      const kept = guarded(slate, []).catch(() => undefined)
      if (!wasReachable) return
      await withDeadline(kept, UNRECORDED_DEADLINE_MS, () => new CommitTimeout(UNRECORDED_DEADLINE_MS)).catch(
        () => undefined,
      )
    },
  }
}

class CommitTimeout extends Error {
  constructor(deadlineMs: number) {
    super(`the datastore took longer than ${deadlineMs} ms to store a slate`)
    this.name = 'CommitTimeout'
  }
}
