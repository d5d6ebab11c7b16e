import type { SnapshotExperiment, SnapshotStatus, UnsignedSnapshot } from '@bulkhead/contracts'
import { ASSIGNING_STATUSES, type Experiment, type Variant } from './experiment.ts'

/** Upper bound on experiments in a snapshot: subscribers hold it in memory and evaluate it for each request. */
export const MAX_LISTED_EXPERIMENTS = 1_000

/** Whether the snapshot lists the experiment. It leaves out drafts, because they assign nothing yet. */
export function isListed(experiment: Experiment): boolean {
  return (ASSIGNING_STATUSES as readonly string[]).includes(experiment.status)
}

/**
 * The snapshot that follows the previous one. Experiments are ordered by key, so that the same experiments always give
 * the same text.
 * @param experiments in any order; those that are not listed are left out
 * @param publishedAt epoch milliseconds
 */
export function nextSnapshot(
  previous: { readonly version: number } | null,
  experiments: readonly Experiment[],
  publishedAt: number,
): UnsignedSnapshot {
  return {
    version: (previous?.version ?? 0) + 1,
    publishedAt: new Date(publishedAt).toISOString(),
    layers: [],
    holdouts: [],
    experiments: experiments.filter(isListed).sort(byKey).map(toSnapshotExperiment),
    decisions: [],
  }
}

/** Compares code units and not by locale, so that every replica gets the same order. */
function byKey(a: Experiment, b: Experiment): number {
  if (a.key === b.key) return 0
  return a.key < b.key ? -1 : 1
}

/**
 * The status that the snapshot shows. A stop must not change anyone's experience, so the evaluator assigns for STOPPED
 * as for RUNNING. If the experiment was paused before the stop, that would switch the treatment on again; the snapshot
 * then shows PAUSED, and still nobody is included.
 */
function publishedStatus({ status, history }: Experiment): SnapshotStatus {
  if (status === 'DRAFT') throw new TypeError('a snapshot lists no drafts')
  return status === 'STOPPED' && history.at(-1)?.from === 'PAUSED' ? 'PAUSED' : status
}

function toSnapshotExperiment(experiment: Experiment): SnapshotExperiment {
  const { key, version, unitType, surfaces, coverage, exposureTrigger, variants } = experiment
  return {
    key,
    version,
    status: publishedStatus(experiment),
    unitType,
    // The version is in the seed, so that a change of weights or payloads assigns anew, like another experiment.
    seed: `${key}:v${version}`,
    hashVersion: 2,
    surfaces: [...surfaces],
    layer: null,
    coverage,
    condition: null,
    forced: {},
    trigger: exposureTrigger,
    variants: variants.map(({ key: variantKey, weight, payload }) => ({ key: variantKey, weight, payload })),
  }
}

/**
 * A variant as it is in a snapshot. Its name and control flag come from the experiment: a snapshot does not have them,
 * because assignment does not depend on them.
 * @returns null if the snapshot or the experiment has no such variant
 */
export function variantInSnapshot(
  snapshot: { readonly experiments: readonly SnapshotExperiment[] },
  experiment: Experiment,
  variantKey: string,
): Variant | null {
  const published = snapshot.experiments
    .find(({ key }) => key === experiment.key)
    ?.variants.find(({ key }) => key === variantKey)
  const described = experiment.variants.find(({ key }) => key === variantKey)
  if (published === undefined || described === undefined) return null
  return { ...described, weight: published.weight, payload: published.payload }
}
