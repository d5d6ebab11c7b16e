import type { SnapshotExperiment, SnapshotStatus, UnsignedSnapshot } from '@bulkhead/contracts'
import { ASSIGNING_STATUSES, type Experiment, type Variant } from './experiment.ts'

/** A snapshot lists at most so many experiments: subscribers hold it in memory and evaluate it per request. */
export const MAX_LISTED_EXPERIMENTS = 1_000

/** Whether the snapshot lists it. A draft decides nothing yet, so nobody outside needs to know of it. */
export function isListed(experiment: Experiment): boolean {
  return (ASSIGNING_STATUSES as readonly string[]).includes(experiment.status)
}

/**
 * The snapshot that follows the previous one: the listed experiments ordered by key, so that equal states give equal
 * text.
 * @param experiments all that are listed, in any order; others are left out
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

/** Code units, not a locale: every replica must find the same order. */
function byKey(a: Experiment, b: Experiment): number {
  if (a.key === b.key) return 0
  return a.key < b.key ? -1 : 1
}

/**
 * The status that decides what units get. A stop must not flip anyone's experience, and the evaluator keeps it for
 * STOPPED by assigning as under RUNNING. Where the stop found the experiment paused, that would switch a killed
 * treatment on again: nobody had it, so nobody gets it, which in a snapshot is PAUSED.
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
    // The version is in the seed: a change of weights or payloads draws anew, as if it were another experiment.
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
 * A variant as it stood in a snapshot. Name and control flag are not in there, because assignment does not depend on
 * them; they come from the experiment.
 * @returns null where snapshot or experiment does not know the variant
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
