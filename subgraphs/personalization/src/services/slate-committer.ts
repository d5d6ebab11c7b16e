import type { ExposureEvent, ServedEvent } from '@bulkhead/contracts'
import { withDeadline } from '@bulkhead/service/deadline'
import type { FailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { probeAfter } from '@bulkhead/service/probe-after'
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { CandidateLog } from '../domain/off-policy/candidate-log.ts'
import type { Slate } from '../domain/slate.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { ServedLedger } from '../state/served-ledger.ts'

/** Upper bound on slate writes in progress. Above it, slates are served unassigned without waiting. */
export const MAX_PENDING_WRITES = 1000

/** Consecutive failures after which the datastore counts as lost. */
const FAILURES_TO_OPEN = 5

/** While the datastore counts as lost, one write is tried at this interval. No request waits for it. */
const PROBE_INTERVAL_MS = 1000

/** How long a request waits for a slate without events to be stored. */
const UNRECORDED_DEADLINE_MS = 200

/** What a slate says when it is served. */
type ServingEvent = ExposureEvent | ServedEvent

type CommitOutcome = 'durable' | 'COMMIT_FAILED' | 'COMMIT_TIMED_OUT' | 'TOO_MANY_COMMITS'

type SlateCommitter = {
  /** False while the datastore counts as lost. */
  isReachable(): boolean
  /**
   * Stores a slate with its pending events. Never rejects, and never takes longer than the deadline. After
   * COMMIT_TIMED_OUT the write may still succeed: its exposures then count a slate that nobody saw. This is rare and
   * equally likely for every variant. The ledger counts the write as in flight until it succeeds or fails.
   *
   * Call it without awaiting anything after `slate.createdAt` was read: a heartbeat sent in between would say that the
   * slate's events are delivered already.
   */
  commit(
    slate: Slate,
    events: readonly ServingEvent[],
    candidates?: CandidateLog | null,
  ): Promise<CommitOutcome>
  /**
   * Stores a slate without events, and waits only briefly. While the datastore counts as lost it does not wait at all;
   * some of these writes are then the probes that find out whether the datastore is back. Never rejects.
   */
  keep(slate: Slate, candidates?: CandidateLog | null): Promise<void>
}

export function createSlateCommitter(options: {
  readonly store: Pick<PersonalizationStore, 'saveSlate'>
  readonly ledger: Pick<ServedLedger, 'begin'>
  readonly outboxGate: Pick<OutboxGate, 'added'>
  readonly deadlineMs: number
  readonly log: Logger
  readonly failureLog: Pick<FailureLog, 'failed'>
  readonly metrics: Metrics
}): SlateCommitter {
  const { store, ledger, outboxGate, deadlineMs, log, failureLog } = options
  let pending = 0
  options.metrics.gauge({
    name: 'bulkhead_slate_writes_pending',
    help: `Slate writes in progress, at most ${MAX_PENDING_WRITES}`,
    collect() {
      this.set(pending)
    },
  })
  const breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    halfOpenAfter: probeAfter(PROBE_INTERVAL_MS),
  })
  let isLost = false
  breaker.onBreak(() => {
    // The breaker also calls this after each failed probe; log only the first one of an outage.
    if (!isLost) log.warn('slates cannot be stored, serving unassigned until the datastore is back')
    isLost = true
  })
  breaker.onReset(() => {
    isLost = false
    log.info('slates are stored again, serving assigned')
  })
  const isReachable = () => breaker.state === CircuitState.Closed

  /** Has no deadline: as long as the write is in progress, its events can still become durable. */
  async function write(
    slate: Slate,
    events: readonly ServingEvent[],
    candidates: CandidateLog | null = null,
  ): Promise<void> {
    pending++
    const inFlight = events.length > 0 ? ledger.begin(slate.createdAt) : null
    try {
      await store.saveSlate(slate, events, candidates)
      if (inFlight === null) return
      outboxGate.added(1)
      inFlight.served(events)
    } finally {
      inFlight?.end()
      pending--
    }
  }

  function guarded(...written: Parameters<typeof write>): Promise<void> {
    return breaker.execute(() =>
      withDeadline(write(...written), deadlineMs, () => new CommitTimeout(deadlineMs)),
    )
  }

  return {
    isReachable,
    async commit(slate, events, candidates) {
      if (pending >= MAX_PENDING_WRITES) return 'TOO_MANY_COMMITS'
      // A breaker that is not closed would make this request wait for the probe.
      if (!isReachable()) return 'COMMIT_FAILED'
      try {
        await guarded(slate, events, candidates)
        return 'durable'
      } catch (error) {
        failureLog.failed('commit', { err: error })
        return error instanceof CommitTimeout ? 'COMMIT_TIMED_OUT' : 'COMMIT_FAILED'
      }
    },
    async keep(slate, candidates) {
      // The breaker would make this write wait for the probe that is running.
      if (pending >= MAX_PENDING_WRITES || breaker.state === CircuitState.HalfOpen) return
      const wasReachable = isReachable()
      const kept = guarded(slate, [], candidates).catch(() => undefined)
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
