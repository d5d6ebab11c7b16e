import {
  canonicalJson,
  MAX_SNAPSHOT_BYTES,
  type SnapshotExperiment,
  type UnsignedSnapshot,
} from '@bulkhead/contracts'
import { byKey } from './by-key.ts'
import { ASSIGNING_STATUSES, type Experiment, type Variant } from './experiment.ts'
import { listedDecisions, type ModelDecisions, NO_MODEL_DECISIONS } from './governance/model-decisions.ts'
import type { Targeting } from './targeting/definitions.ts'
import { LAYER_HASH_VERSION } from './targeting/layer-ranges.ts'
import { snapshotParts } from './targeting/snapshot-parts.ts'

/** Upper bound on experiments in a snapshot: subscribers hold it in memory and evaluate it for each request. */
export const MAX_LISTED_EXPERIMENTS = 1_000

/**
 * How far a snapshot may be filled. Subscribers read no more than MAX_SNAPSHOT_BYTES, which is also what a document of
 * MongoDB may have; the rest is for a signature, a longer version or key id, and what is stored beside the snapshot.
 */
export const MAX_FILLED_BYTES = MAX_SNAPSHOT_BYTES - 2 * 1024

/**
 * Whether the snapshot lists the experiment: it does while it decides what a unit gets. A stop must not change anyone's
 * experience, so an experiment that was stopped while it ran stays listed until its decision. One that was stopped while
 * it was paused includes nobody any more: it leaves the snapshot, and stands in nobody's way.
 */
export function isListed({ status, history }: Experiment): boolean {
  if (!(ASSIGNING_STATUSES as readonly string[]).includes(status)) return false
  return status !== 'STOPPED' || history.at(-1)?.from !== 'PAUSED'
}

/**
 * The snapshot that follows the previous one. Experiments are ordered by key, so that the same experiments always give
 * the same text.
 * @param experiments in any order; those that are not listed are left out
 * @param targeting those that no listed experiment needs are left out
 * @param publishedAt epoch milliseconds
 * @param decisions those that no live model version needs are left out
 */
export function nextSnapshot(
  previous: { readonly version: number } | null,
  experiments: readonly Experiment[],
  targeting: Targeting,
  publishedAt: number,
  decisions: ModelDecisions,
): UnsignedSnapshot {
  const listed = experiments.filter(isListed).sort(byKey)
  return {
    version: (previous?.version ?? 0) + 1,
    publishedAt: new Date(publishedAt).toISOString(),
    ...snapshotParts(listed, targeting),
    experiments: listed.map((experiment) => publishedForm(experiment).listing),
    decisions: listedDecisions(decisions),
  }
}

/** The snapshot without the oldest decisions that would make it too large; experiments always stay. */
export function withinBytes(snapshot: UnsignedSnapshot, maxBytes: number): UnsignedSnapshot {
  let bytes = Buffer.byteLength(JSON.stringify(snapshot))
  const decisions = [...snapshot.decisions]
  while (bytes > maxBytes) {
    const oldest = decisions.pop()
    if (oldest === undefined) break
    bytes -= Buffer.byteLength(JSON.stringify(oldest)) + 1
  }
  return { ...snapshot, decisions }
}

/** Whether the snapshot shows the experiments, and what they share, as the next one would. */
export function showsExperiments(
  snapshot: UnsignedSnapshot,
  experiments: readonly Experiment[],
  targeting: Targeting,
): boolean {
  const next = nextSnapshot(snapshot, experiments, targeting, 0, NO_MODEL_DECISIONS)
  return shownText(snapshot) === shownText(next)
}

/** Whether the snapshot lists the decisions that model versions need. */
export function showsDecisions(
  snapshot: Pick<UnsignedSnapshot, 'decisions'>,
  decisions: ModelDecisions,
): boolean {
  return hasSameDecisions(snapshot, { decisions: listedDecisions(decisions) })
}

export function hasSameDecisions(
  { decisions: one }: Pick<UnsignedSnapshot, 'decisions'>,
  { decisions: other }: Pick<UnsignedSnapshot, 'decisions'>,
): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

function shownText({ layers, holdouts, savedGroups = {}, experiments }: UnsignedSnapshot): string {
  return canonicalJson({ layers, holdouts, savedGroups, experiments })
}

const published = new WeakMap<Experiment, { readonly listing: SnapshotExperiment; readonly text: string }>()

/** The experiment as the snapshot lists it, and its canonical JSON; made once for each state of an experiment. */
function publishedForm(experiment: Experiment) {
  const known = published.get(experiment)
  if (known !== undefined) return known
  const listing = toSnapshotExperiment(experiment)
  const form = { listing, text: canonicalJson(listing) }
  published.set(experiment, form)
  return form
}

/** Whether a change of an experiment alters what units get, so that it needs a snapshot. */
export function altersAssignment(before: Experiment | null, after: Experiment): boolean {
  const textOf = (experiment: Experiment) => (isListed(experiment) ? publishedForm(experiment).text : null)
  return (before === null ? null : textOf(before)) !== textOf(after)
}

/** Octets that the experiment takes in a snapshot, the comma after it included; 0 where it is not listed. */
export function listedBytes(experiment: Experiment): number {
  return isListed(experiment) ? Buffer.byteLength(publishedForm(experiment).text) + 1 : 0
}

function toSnapshotExperiment(experiment: Experiment): SnapshotExperiment {
  const { key, version, status, unitType, surfaces, layer, coverage, condition, exposureTrigger, variants } =
    experiment
  const prerequisites = experiment.prerequisites.map(({ experimentKey, variantKeys }) =>
    variantKeys === null ? { experimentKey } : { experimentKey, variantKeys: [...variantKeys] },
  )
  return {
    key,
    version,
    status,
    unitType,
    // The version is in the seed, so that a change of weights or payloads assigns anew, like another experiment.
    seed: `${key}:v${version}`,
    hashVersion: 2,
    surfaces: [...surfaces],
    layer:
      layer === null
        ? null
        : { key: layer.key, from: layer.from, to: layer.to, hashVersion: LAYER_HASH_VERSION },
    coverage,
    condition,
    ...(prerequisites.length === 0 ? {} : { prerequisites }),
    forced: Object.fromEntries(experiment.forced.map(({ unit, variantKey }) => [unit, variantKey])),
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
  const listing = snapshot.experiments
    .find(({ key }) => key === experiment.key)
    ?.variants.find(({ key }) => key === variantKey)
  // A slate of before may have a variant that only an earlier version had.
  const earlier = experiment.versions.toReversed().flatMap(({ variants }) => variants)
  const described = [...experiment.variants, ...earlier].find(({ key }) => key === variantKey)
  if (listing === undefined || described === undefined) return null
  return { ...described, weight: listing.weight, payload: listing.payload }
}
