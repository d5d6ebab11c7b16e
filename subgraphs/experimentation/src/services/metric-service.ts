import { type MetricDefinition, type MetricDraft, validateMetric } from '../domain/plan/metric.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import type { ChangeQueue } from './changes/change-queue.ts'

export type MetricResult =
  | { readonly type: 'accepted'; readonly metric: MetricDefinition }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

export type MetricService = {
  /**
   * Defines a metric; the same key again makes its next version. Experiments keep the version that they name.
   * Rejects as `ChangeQueue.run` does.
   */
  define(draft: MetricDraft, by: string): Promise<MetricResult>
}

export function createMetricService({ changes }: { readonly changes: ChangeQueue }): MetricService {
  return {
    async define(draft, by) {
      const outcome = await changes.run({
        action: 'createMetric',
        by,
        reason: draft.name,
        urgent: false,
        needs: { experiments: [], metrics: [draft.key] },
        decide(state) {
          const version = (state.metric(draft.key)?.version ?? 0) + 1
          const reading = validateMetric(draft, { version, at: state.at, by })
          return reading.type === 'valid'
            ? { type: 'defined', metric: reading.metric }
            : { type: 'refused', refusal: reading }
        },
      })
      switch (outcome.type) {
        case 'defined':
          return { type: 'accepted', metric: outcome.metric }
        case 'refused':
          return outcome
        default:
          throw new TypeError('a metric changes nothing else')
      }
    },
  }
}
