import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ModelPathService } from '../services/model-path-service.ts'
import type { ModelGuardrails } from '../state/model-guardrails.ts'

const INTERVAL_MS = 1_000
const JITTER = 0.1

/**
 * Switches off models that fail, are slow, or recommend nothing or always the same: at once in this process, where the model
 * loader drops them, and then in the registry, so that every replica does and they do not come back. While the datastore is
 * away it is tried again.
 */
export function createGuardrailWorker(options: {
  readonly guardrails: Pick<ModelGuardrails, 'check'>
  readonly modelPath: Pick<ModelPathService, 'switchOff'>
  /** Who the registry says it was: this process. */
  readonly producer: string
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { guardrails, modelPath, producer, log } = options
  /** Off here, and not in the registry yet. */
  const unrecorded = new Map<string, string>()
  const switchedOff = options.metrics.counter({
    name: 'bulkhead_models_switched_off_total',
    help: 'Model versions that this process has switched off because of how they did: somebody has to look',
  })
  return createPeriodicWorker({
    name: 'guardrail-worker',
    intervalMs: INTERVAL_MS,
    jitter: JITTER,
    async run() {
      for (const { versionId, problem } of guardrails.check()) {
        switchedOff.inc()
        log.error({ modelVersionId: versionId, problem }, 'a guardrail has switched a model off')
        unrecorded.set(versionId, problem)
      }
      const failures: unknown[] = []
      for (const [id, reason] of unrecorded) {
        try {
          const result = await modelPath.switchOff({ id, by: producer, reason })
          const isOpen = result.type === 'refused' && result.refusal.type === 'conflict'
          if (!isOpen) unrecorded.delete(id)
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
    log,
    random: options.random,
  })
}
