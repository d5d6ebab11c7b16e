import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { AnalystConfig } from '../config.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { ReadModel } from '../read-model/port.ts'
import { createStoredRun, type RunOutcome, type RunRequest } from '../services/analyses/stored-run.ts'
import { createRequestAnswering } from '../services/analyst/analysis-requests.ts'
import { createLeaseKeeper } from '../services/analyst/lease-keeper.ts'
import { createScheduledAnalyses } from '../services/analyst/scheduled-analyses.ts'
import { createWebhookDelivery, receiverOf } from '../services/analyst/webhook-delivery.ts'
import { createExposureCounting } from '../services/exposure-counting.ts'
import { createAnalystWatch } from '../workers/analyst-watch.ts'
import { createExposureCounter } from '../workers/exposure-counter.ts'
import { createKeptReadModel } from './kept-read-model.ts'

const EVENTS_PER_READ = 5_000
const JITTER = 0.2
/** Beats of a lease: one may fail, or be late, without losing it. */
const BEATS = 4
const REQUESTS_INTERVAL_MS = 100
const SCHEDULE_INTERVAL_MS = 30_000
const WEBHOOK_INTERVAL_MS = 1_000
/** How long an analysis waits for the read model. Whoever asked has been told by then that it goes on. */
const CATCH_UP_MS = 1_800_000

export type Analyst = {
  /** Whether this process analyses, as far as it can know. */
  isHolder(): boolean
  /** Gives up what runs, closes the read model, and lets the next one take the lease. The caller closes the store. */
  stop(): Promise<void>
}

type AnalystOptions = {
  readonly config: Pick<
    AnalystConfig,
    | 'countDelayMs'
    | 'eventMaxAgeMs'
    | 'leaseMs'
    | 'positionIntervalMs'
    | 'schedule'
    | 'webhookKeys'
    | 'webhookUrls'
  >
  readonly store: ExperimentationStore
  /** @param log the id of the datastore */
  readonly openModel: (log: string) => Promise<ReadModel>
  /** Unique among all processes that ever ran. */
  readonly holder: string
  readonly monotonic: () => number
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Takes part in analysing. While this process holds the lease, it follows the log in its read model, counts exposures,
 * answers requests for analyses, makes the scheduled ones and delivers webhooks. All that it stores is a function of the
 * log up to a position, so nothing is wrong if another process does the same at the same time.
 */
export function startAnalyst(options: AnalystOptions): Analyst {
  const { config, store, clock, random, log, metrics, holder, monotonic, openModel } = options
  const shared = { store, clock, random, log, metrics }
  const lease = createLeaseKeeper({ store, holder, leaseMs: config.leaseMs, monotonic })
  const kept = createKeptReadModel({
    ...{ store, openModel, clock, log },
    limit: EVENTS_PER_READ,
    eventMaxAgeMs: config.eventMaxAgeMs,
    waitMs: CATCH_UP_MS,
  })
  const compute = createStoredRun({ store, clock, engine: { name: 'DUCKDB', sums: kept.sums } })

  let running: Promise<unknown> = Promise.resolve()
  /** One after the other, because each may need all the memory that there is. */
  function run(request: RunRequest, signal: AbortSignal): Promise<RunOutcome> {
    const outcome = running.then(() => {
      signal.throwIfAborted()
      return compute(request, signal)
    })
    running = outcome.catch(() => undefined)
    return outcome
  }

  const requests = createRequestAnswering({ store, run, clock, log })
  const scheduled = createScheduledAnalyses({
    ...{ store, run, clock, log },
    receivers: config.webhookUrls.map(receiverOf),
  })
  const webhooks = createWebhookDelivery({
    ...shared,
    urls: config.webhookUrls,
    keys: config.webhookKeys.map((base64) => Buffer.from(base64, 'base64')),
  })
  const counting = createExposureCounting({ store, clock, delayMs: config.countDelayMs })

  /**
   * Work ends as soon as the lease is lost: the file is another process's then, if they share it, and another one does the
   * rest.
   */
  async function untilLost(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    const timer = setInterval(() => {
      if (!lease.isHeld()) lost.abort()
    }, config.leaseMs / BEATS)
    try {
      await work(AbortSignal.any([signal, lost.signal]))
    } catch (error) {
      if (!lost.signal.aborted) throw error
    } finally {
      clearInterval(timer)
    }
  }

  function whileHeld(
    name: string,
    intervalMs: number,
    work: (signal: AbortSignal) => Promise<void>,
    otherwise: () => Promise<void> = async () => undefined,
  ): Worker {
    return createPeriodicWorker({
      name,
      intervalMs,
      jitter: JITTER,
      run: (signal) => (lease.isHeld() ? untilLost(work, signal) : otherwise()),
      log,
      random,
    })
  }

  let isHolder = false
  const beats = createPeriodicWorker({
    name: 'analyst-lease',
    intervalMs: config.leaseMs / BEATS,
    jitter: JITTER,
    async run() {
      await lease.beat(kept.progress())
      if (lease.isHeld() === isHolder) return
      isHolder = lease.isHeld()
      log.info({ holder }, isHolder ? 'this process analyses' : 'another process analyses')
    },
    log,
    random,
  })
  const workers: readonly Worker[] = [
    whileHeld('read-model', config.positionIntervalMs, kept.follow, kept.close),
    createExposureCounter({
      ...shared,
      counting: { step: async () => lease.isHeld() && (await counting.step()) },
      intervalMs: config.positionIntervalMs,
    }),
    whileHeld('analysis-requests', REQUESTS_INTERVAL_MS, requests.answer),
    ...(config.schedule ? [whileHeld('scheduled-analyses', SCHEDULE_INTERVAL_MS, scheduled.run)] : []),
    whileHeld('webhooks', WEBHOOK_INTERVAL_MS, webhooks.deliver),
    createAnalystWatch(shared),
  ]

  for (const worker of [beats, ...workers]) worker.start()
  return {
    isHolder: lease.isHeld,
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await beats.stop()
      const progress = kept.progress()
      await kept.close()
      await lease.giveUp(progress)
    },
  }
}
