import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import { longestWindowMs } from '../../analysis/looks.ts'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { dueLooks, type ScheduledLook } from '../../domain/scheduled-looks.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { plannedMetrics } from '../analyses/planned-metrics.ts'
import type { RunOutcome, RunRequest } from '../analyses/stored-run.ts'
import { newsOf } from './news.ts'

/** Who a scheduled analysis was requested by. */
export const SCHEDULE = 'schedule'
const EXPERIMENTS_PER_READ = 100

export type ScheduledAnalyses = {
  /** Makes every look that is due, and stores what has to be told of it. Looks that failed are made by the next call. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * Makes the looks of the schedule. A look was made if an analysis at its cutoff is stored, and news of it are stored under
 * ids that follow from the look. So it does not matter where a run was interrupted, nor whether another process does the
 * same at the same time.
 */
export function createScheduledAnalyses(options: {
  readonly store: Pick<
    ExperimentationStore,
    'addNotifications' | 'findAnalyses' | 'findExperiments' | 'lookBefore' | 'metricsByKeys' | 'recordLook'
  >
  readonly run: (request: RunRequest, signal: AbortSignal) => Promise<RunOutcome>
  /** Names of those who are told. */
  readonly receivers: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}): ScheduledAnalyses {
  const { store, run, receivers, clock, log } = options
  /** Looks that this process is done with: there are reads to be saved, and nothing else depends on it. */
  let done: ReadonlySet<string> = new Set()

  async function* experiments(): AsyncGenerator<Experiment> {
    const orderBy = { field: 'KEY', direction: 'ASC' } as const
    for (let after: string | null = null; ; ) {
      const page = await store.findExperiments({
        filter: { statuses: ['RUNNING', 'PAUSED', 'STOPPED'] },
        orderBy,
        limit: EXPERIMENTS_PER_READ,
        after: after === null ? null : { value: after, key: after },
      })
      yield* page.experiments
      after = page.experiments.at(-1)?.key ?? after
      if (!page.hasMore) return
    }
  }

  async function looksOf(experiment: Experiment): Promise<readonly ScheduledLook[]> {
    // Only the look at a stopped one depends on its windows.
    const metrics = experiment.status === 'STOPPED' ? await plannedMetrics(store, experiment) : []
    return dueLooks(experiment, longestWindowMs(metrics), clock.now())
  }

  async function lookAt(
    experimentKey: string,
    { cutoff, reason }: ScheduledLook,
    signal: AbortSignal,
  ): Promise<StoredAnalysis | null> {
    const { newest } = await store.findAnalyses({
      ids: [],
      newest: [{ experimentKey, cutoff, segment: null }],
    })
    const [known = null] = newest
    if (known !== null) return known
    const outcome = await run({ experimentKey, cutoff, requestedBy: SCHEDULE }, signal)
    if (outcome.type === 'analysed') {
      log.info(
        { experiment: experimentKey, reason, analysis: outcome.analysis.id },
        'scheduled analysis stored',
      )
      return outcome.analysis
    }
    const { type } = outcome.refusal
    log.warn({ experiment: experimentKey, reason, refusal: type }, 'scheduled analysis refused')
    return null
  }

  /** The analysis of the look before. What somebody has asked for in between was told to nobody else. */
  async function previous({
    experimentKey,
    experimentVersion,
    cutoff,
  }: StoredAnalysis): Promise<StoredAnalysis | null> {
    const look = await store.lookBefore({ experimentKey, cutoff })
    if (look === null) return null
    const { byId } = await store.findAnalyses({ ids: [look.analysisId], newest: [] })
    const analysis = byId.get(look.analysisId) ?? null
    return analysis?.experimentVersion === experimentVersion ? analysis : null
  }

  /** Recorded last: interrupted before, the next run tells it again, under the same ids. */
  async function tell(analysis: StoredAnalysis): Promise<void> {
    const { id: analysisId, experimentKey, cutoff } = analysis
    const now = clock.now()
    const news = newsOf(analysis, await previous(analysis))
    await store.addNotifications(
      news.flatMap(({ id, body }) =>
        receivers.map((receiver) => ({ id, receiver, body, attempts: 0, dueAt: now, createdAt: now })),
      ),
    )
    await store.recordLook({ experimentKey, cutoff, analysisId })
  }

  return {
    async run(signal) {
      const made = new Set<string>()
      for await (const experiment of experiments()) {
        const { key } = experiment
        for (const look of await looksOf(experiment)) {
          signal.throwIfAborted()
          const name = JSON.stringify([key, look.cutoff])
          if (done.has(name)) {
            made.add(name)
            continue
          }
          try {
            const analysis = await lookAt(key, look, signal)
            if (analysis !== null) await tell(analysis)
            made.add(name)
          } catch (error) {
            signal.throwIfAborted()
            log.warn({ err: error, experiment: key }, 'scheduled analysis failed, it is made again')
          }
        }
      }
      done = made
    },
  }
}
