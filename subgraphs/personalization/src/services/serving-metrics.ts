import type { FailureLog } from '@bulkhead/service/failure-log'
import { createDurations, type Metrics } from '@bulkhead/service/metrics'
import type { UnassignedReason } from '../domain/pipeline/assignment/assignment-plan.ts'
import type { StageObserver } from '../domain/pipeline/stage.ts'
import type { Slate } from '../domain/slate.ts'

type ServingMetrics = {
  readonly observer: StageObserver
  served(slate: Slate): void
  unassigned(reason: UnassignedReason): void
}

const STAGE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

export function createServingMetrics(
  metrics: Metrics,
  failureLog: Pick<FailureLog, 'failed'>,
): ServingMetrics {
  const slates = metrics.counter({
    name: 'bulkhead_slates_total',
    help: 'Slates served, by rung of the degradation ladder and cause (none on the top rung)',
    labelNames: ['rung', 'cause'],
  })
  const unassigned = metrics.counter({
    name: 'bulkhead_slates_unassigned_total',
    help: 'Slates served without assignments because they could not have been recorded',
    labelNames: ['reason'],
  })
  const durations = createDurations(metrics, {
    name: 'bulkhead_pipeline_stage_seconds',
    help: 'Time that a stage of the serving pipeline took',
    labelNames: ['stage'],
    buckets: STAGE_BUCKETS,
  })
  const stages = new Map<string, (seconds: number) => void>()
  const failures = metrics.counter({
    name: 'bulkhead_pipeline_stage_failures_total',
    help: 'Failures of a stage of the serving pipeline; each time one slate was served without that stage',
    labelNames: ['stage'],
  })
  return {
    observer: {
      now: () => performance.now(),
      ended(stage, elapsedMs) {
        let took = stages.get(stage)
        if (!took) {
          took = durations({ stage })
          stages.set(stage, took)
        }
        took(elapsedMs / 1_000)
      },
      failed(stage, error) {
        failures.inc({ stage })
        failureLog.failed(stage, { err: error })
      },
    },
    served: ({ servedBy }) => slates.inc({ rung: servedBy.rung, cause: servedBy.cause ?? 'none' }),
    unassigned: (reason) => unassigned.inc({ reason }),
  }
}
