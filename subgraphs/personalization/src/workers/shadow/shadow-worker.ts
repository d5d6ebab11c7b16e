import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import { withDeadline } from '@bulkhead/service/deadline'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../../datastore/port.ts'
import type { ShadowSample, ShadowSamples } from '../../state/shadow-samples.ts'
import type { RunnerOptions } from './shadow-runner.ts'
import { createShadowing, type Shadowing, type ShadowOutcome } from './shadowing.ts'

/** Versions that are shadowed at a time, the newest first. */
export const MAX_SHADOW_VERSIONS = 2

/**
 * Upper bound on the share of one core that all models in shadow take to make lists. Even a thread of the lowest priority
 * delays a slate a little while it works: with a tenth of a core that was seen in the p99 of slates.
 */
const MAX_DUTY = 0.02
/** Asking a model and comparing its list costs the serving thread about .2 ms, and wakes it twice. */
const MIN_PAUSE_MS = 100
const MAX_PAUSE_MS = 60_000
const FLUSH_MS = 2_000
const LAST_FLUSH_DEADLINE_MS = 1_000
const JITTER = 0.1
const REPEAT_MS = 60_000

/**
 * Asks the versions in stage SHADOW for lists like those that were served, and keeps how they compare. Off the request
 * path: each model has a thread of its own, of the lowest priority where the system has that for threads, one request at a
 * time, and after each a pause of 49 times as long as it took. What a killed process has counted in its last seconds is
 * lost; nothing is counted twice.
 */
export function createShadowWorker(options: {
  readonly store: Pick<PersonalizationStore, 'findModelVersions' | 'modelArtefact' | 'addShadow'>
  readonly samples: Pick<ShadowSamples, 'take' | 'setWanted' | 'dropped'>
  readonly intervalMs: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  readonly runner?: RunnerOptions
}): Worker {
  const { store, samples, intervalMs, clock, log, metrics } = options
  /** Time on the clock may jump, which must not make a pause endless. */
  const now = () => performance.now()
  const shadowed = new Map<string, Shadowing>()
  let restUntil = now()
  let flushAt = now()
  const failureLog = createFailureLog({
    log,
    clock,
    what: 'a model in shadow',
    meanwhile: 'its report counts that, and slates are served as ever',
    repeatMs: REPEAT_MS,
  })
  const requests = metrics.counter({
    name: 'bulkhead_shadow_requests_total',
    help: 'Requests that models in shadow were asked, by outcome: compared, threw, timedOut, crashed, empty, or starved by a busy machine',
    labelNames: ['outcome'],
  })
  const busy = metrics.counter({
    name: 'bulkhead_shadow_busy_seconds_total',
    help: 'CPU time of models in shadow, the loading of them included',
  })
  metrics.counter({
    name: 'bulkhead_shadow_samples_dropped_total',
    help: 'Sampled slates that models in shadow were not asked about, because too many waited already',
    collect() {
      this.reset()
      this.inc(samples.dropped())
    },
  })
  metrics.gauge({
    name: 'bulkhead_shadow_versions',
    help: 'Model versions in shadow on this replica',
    collect() {
      this.set(shadowed.size)
    },
  })

  async function refreshVersions(): Promise<void> {
    const query = { filter: { stages: ['SHADOW' as const] }, limit: MAX_SHADOW_VERSIONS, after: null }
    const { versions } = await store.findModelVersions(query)
    const wanted = new Map(versions.map((version) => [version.id, version]))
    samples.setWanted(wanted.size > 0)
    for (const [id, shadowing] of shadowed) {
      if (wanted.has(id)) continue
      shadowed.delete(id)
      await shadowing.end()
      await shadowing.flush()
    }
    for (const version of wanted.values()) {
      if (shadowed.has(version.id)) continue
      log.info({ modelVersionId: version.id }, 'model version in shadow')
      shadowed.set(
        version.id,
        createShadowing({
          ...options,
          runner: options.runner ?? {},
          version,
          ended: (outcome, err) => ended(version.id, outcome, err),
          broken: (problem) =>
            log.error({ modelVersionId: version.id, problem }, 'model version cannot be shadowed'),
        }),
      )
    }
  }

  function ended(modelVersionId: string, outcome: ShadowOutcome, err: Error | null): void {
    requests.inc({ outcome })
    if (outcome !== 'compared' && outcome !== 'starved') failureLog.failed(outcome, { modelVersionId, err })
  }

  async function flush(): Promise<void> {
    if (now() < flushAt) return
    for (const shadowing of shadowed.values()) await shadowing.flush()
    flushAt = now() + FLUSH_MS
  }

  /** @returns how long to pause, milliseconds */
  async function compare(sample: ShadowSample, signal: AbortSignal): Promise<number> {
    let worked = 0
    for (const shadowing of shadowed.values()) {
      const before = shadowing.work()
      await shadowing.compare(sample, signal)
      const { listsMs, loadingMs } = shadowing.work()
      worked += listsMs - before.listsMs
      busy.inc((listsMs - before.listsMs + loadingMs - before.loadingMs) / 1000)
    }
    return Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, worked * (1 / MAX_DUTY - 1)))
  }

  async function run(signal: AbortSignal): Promise<void> {
    await refreshVersions()
    await flush()
    const until = now() + intervalMs
    // A longer pause goes on after the next look at the versions.
    while (!signal.aborted && restUntil < until && now() < until) {
      // A timer may end a little early.
      while (now() < restUntil) await sleep(restUntil - now(), undefined, { signal, ref: false })
      const sample = samples.take()
      if (sample === null) return
      restUntil = now() + (await compare(sample, signal))
    }
  }

  const worker = createPeriodicWorker({
    name: 'shadow-worker',
    intervalMs,
    jitter: JITTER,
    run,
    log,
    random: options.random,
  })
  return {
    ...worker,
    async stop() {
      samples.setWanted(false)
      await worker.stop()
      const last = [...shadowed.values()]
      await Promise.all(last.map((shadowing) => shadowing.end()))
      await withDeadline(
        Promise.all(last.map((shadowing) => shadowing.flush())),
        LAST_FLUSH_DEADLINE_MS,
        () => new Error(`it was not written within ${LAST_FLUSH_DEADLINE_MS} ms`),
      ).catch((err: unknown) => log.warn({ err }, 'what shadow models did last is not in their reports'))
    },
  }
}
