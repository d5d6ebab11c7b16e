import type { Clock } from '@bulkhead/service/clock'
import { withDeadline } from '@bulkhead/service/deadline'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { LRUCache } from 'lru-cache'
import type { RunOutcome, RunRequest } from './stored-run.ts'

/** How long, and for how many analyses, the outcome is kept that nobody has waited for. */
const UNSEEN_MS = 600_000
const MAX_UNSEEN = 100
const SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]

export type AnalysisRunner = {
  /**
   * Runs an analysis: one at a time, in the order in which they are asked for. It waits for the result for a while; then
   * it answers `analysis-running`, and the analysis goes on. A request for the same experiment and cutoff joins one that
   * waits or runs, or gets the outcome that nobody has waited for. Refused with `analyses-overloaded` where the queue is
   * full. Rejects where the datastore or the engine fails, and with SHUTTING_DOWN after `stop`.
   */
  run(request: RunRequest): Promise<RunOutcome>
  /** Gives up what waits and what runs; resolves when nothing runs any more. */
  stop(): Promise<void>
}

type Job = { readonly outcome: Promise<RunOutcome>; waiting: number }

export function createAnalysisRunner(options: {
  readonly compute: (request: RunRequest, signal: AbortSignal) => Promise<RunOutcome>
  /** How long `run` waits, in milliseconds. */
  readonly waitMs: number
  /** How many analyses may wait and run. */
  readonly queueLimit: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}): AnalysisRunner {
  const { compute, waitMs, queueLimit, clock, log, metrics } = options
  const jobs = new Map<string, Job>()
  const unseen = new LRUCache<string, RunOutcome>({ max: MAX_UNSEEN, ttl: UNSEEN_MS })
  const stopping = new AbortController()
  let last: Promise<unknown> = Promise.resolve()

  const outcomes = metrics.counter({
    name: 'bulkhead_analyses_total',
    help: 'Analyses that were asked for, by what became of them',
    labelNames: ['outcome'],
  })
  const seconds = metrics.histogram({
    name: 'bulkhead_analysis_seconds',
    help: 'Time that an analysis took, without its wait for others',
    buckets: SECONDS,
  })
  metrics.gauge({
    name: 'bulkhead_analyses_waiting',
    help: 'Analyses that wait or run',
    collect() {
      this.set(jobs.size)
    },
  })

  async function measured(request: RunRequest): Promise<RunOutcome> {
    stopping.signal.throwIfAborted()
    const from = clock.now()
    try {
      const outcome = await compute(request, stopping.signal)
      seconds.observe((clock.now() - from) / 1_000)
      outcomes.inc({ outcome: outcome.type === 'analysed' ? 'stored' : 'refused' })
      return outcome
    } catch (error) {
      outcomes.inc({ outcome: 'failed' })
      throw error
    }
  }

  function begin(name: string, request: RunRequest): Job {
    const outcome = last.then(() => measured(request))
    const job: Job = { outcome, waiting: 0 }
    jobs.set(name, job)
    last = outcome.then(
      (result) => {
        jobs.delete(name)
        if (job.waiting === 0) unseen.set(name, result)
      },
      (error) => {
        jobs.delete(name)
        if (job.waiting > 0 || stopping.signal.aborted) return
        log.error(
          { err: error, experiment: request.experimentKey },
          'analysis failed, and nobody waits for it',
        )
      },
    )
    return job
  }

  return {
    async run(request) {
      stopping.signal.throwIfAborted()
      const name = JSON.stringify([request.experimentKey, request.cutoff])
      const kept = unseen.get(name)
      if (kept !== undefined) {
        unseen.delete(name)
        return kept
      }
      const known = jobs.get(name)
      if (known === undefined && jobs.size >= queueLimit) {
        outcomes.inc({ outcome: 'overloaded' })
        return { type: 'refused', refusal: { type: 'analyses-overloaded', limit: queueLimit } }
      }
      const job = known ?? begin(name, request)
      job.waiting += 1
      return withDeadline(job.outcome, waitMs, (): RunOutcome => {
        job.waiting -= 1
        return { type: 'refused', refusal: { type: 'analysis-running', waitedMs: waitMs } }
      })
    },

    async stop() {
      stopping.abort(serviceError(COMMON_ERRORS.SHUTTING_DOWN))
      await last
    },
  }
}
