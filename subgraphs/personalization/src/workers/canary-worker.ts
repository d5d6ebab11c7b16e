import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import { listsOf } from '../domain/canary/canary-counts.ts'
import { canaryReportOf, sureCanaryFaults } from '../domain/canary/canary-report.ts'
import { DEFAULT_GATES, type Gates } from '../domain/model-path/gates.ts'
import type { CanaryArms } from '../state/canary-arms.ts'
import type { ModelGuardrails } from '../state/model-guardrails.ts'

const INTERVAL_MS = 1_000
const JITTER = 0.1

/**
 * Stores what this process has counted of a refresh in its canary, and compares what all of them have with the version in
 * production: one that surely does worse is switched off like by any other guardrail, at once here and then in the registry. What a
 * killed process has counted in its last second is lost; nothing is counted twice.
 */
export function createCanaryWorker(options: {
  readonly store: Pick<PersonalizationStore, 'addCanary' | 'canaryOf' | 'productionModelVersion'>
  readonly canary: Pick<CanaryArms, 'counted'>
  readonly guardrails: Pick<ModelGuardrails, 'switchOff'>
  readonly gates?: Pick<Gates, 'canary'>
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, canary, guardrails, gates = DEFAULT_GATES, log } = options
  let stored = { source: '', lists: 0 }
  options.metrics.gauge({
    name: 'bulkhead_canary_lists',
    help: 'Lists of the canary of this moment on this replica, and of the version in production beside it; 0 without one',
    labelNames: ['arm'],
    collect() {
      const counts = canary.counted()?.counts
      for (const arm of ['canary', 'champion'] as const) this.set({ arm }, counts?.[arm].lists ?? 0)
    },
  })

  async function run(): Promise<void> {
    const counted = canary.counted()
    if (counted === null) return
    const { versionId, source, counts } = counted
    const lists = listsOf(counts)
    if (stored.source === source && stored.lists === lists) return
    await store.addCanary(versionId, { source, counts })
    stored = { source, lists }
    const production = await store.productionModelVersion()
    // What it was counted beside has been replaced a moment ago.
    if (production?.id !== counts.championId) return
    const parts = (await store.canaryOf([versionId])).map((part) => part.counts)
    const faults = sureCanaryFaults(canaryReportOf(parts, production.id), gates.canary)
    if (faults.length > 0) guardrails.switchOff(versionId, faults.join('; '))
  }

  return createPeriodicWorker({
    name: 'canary-worker',
    intervalMs: INTERVAL_MS,
    jitter: JITTER,
    run,
    log,
    random: options.random,
  })
}
