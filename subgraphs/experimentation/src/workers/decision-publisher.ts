import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PublishDecisions } from '../services/decisions/decision-publishing.ts'

const JITTER = 0.2

/** Lets the snapshot follow the stages of model versions. Every replica runs one; a snapshot is published once. */
export function createDecisionPublisher(options: {
  readonly publish: PublishDecisions
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}): Worker {
  const { publish, intervalMs, random, log } = options
  return createPeriodicWorker({
    name: 'decision-publisher',
    intervalMs,
    jitter: JITTER,
    run: publish,
    log,
    random,
  })
}
