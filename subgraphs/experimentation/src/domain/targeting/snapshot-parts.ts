import {
  canonicalJson,
  type Holdout as PublishedHoldout,
  savedGroupKeys,
  type UnsignedSnapshot,
} from '@bulkhead/contracts'
import { byKey } from '../by-key.ts'
import type { Experiment } from '../experiment.ts'
import type { Holdout, SavedGroup, Targeting } from './definitions.ts'

/** What a snapshot has beside its experiments. */
type SnapshotParts = Pick<UnsignedSnapshot, 'layers' | 'holdouts' | 'savedGroups'>

/** What the listed experiments need of the definitions, ordered by key: nothing else is in a snapshot. */
export function snapshotParts(listed: Iterable<Experiment>, targeting: Targeting): SnapshotParts {
  const { layers, groups, holdouts } = neededParts(listed, targeting)
  const parts = { layers: layers.map((key) => ({ key })), holdouts: holdouts.map(publishedHoldout) }
  if (groups.length === 0) return parts
  return { ...parts, savedGroups: Object.fromEntries(groups.map(({ key, values }) => [key, [...values]])) }
}

/** Octets of the saved groups that the snapshot has; layers and holdouts are short, and part of its frame. */
export function groupBytes(listed: Iterable<Experiment>, targeting: Targeting): number {
  const { groups } = neededParts(listed, targeting)
  return groups.length === 0 ? 0 : groups.reduce((sum, group) => sum + bytesOf(group) + 1, -1)
}

/** Whether another definition of a group alters what units get. */
export function isGroupUsed(key: string, experiment: Experiment): boolean {
  return groupKeys(experiment).includes(key)
}

export function coversExperiment({ layers }: Pick<Holdout, 'layers'>, { layer }: Experiment): boolean {
  return layers.length === 0 || (layer !== null && layers.includes(layer.key))
}

function neededParts(listed: Iterable<Experiment>, { holdouts, savedGroups }: Targeting) {
  const layers = new Set<string>()
  const groups = new Set<string>()
  let isEmpty = true
  for (const experiment of listed) {
    isEmpty = false
    if (experiment.layer !== null) layers.add(experiment.layer.key)
    for (const key of groupKeys(experiment)) groups.add(key)
  }
  const isNeeded = (holdout: Holdout) =>
    holdout.layers.length === 0 ? !isEmpty : holdout.layers.some((key) => layers.has(key))
  return {
    layers: [...layers].sort(),
    holdouts: [...holdouts.values()].filter(isNeeded).sort(byKey),
    groups: [...groups].sort().map((key): Pick<SavedGroup, 'key' | 'values'> => {
      const group = savedGroups.get(key)
      if (group === undefined) throw new TypeError(`there is no saved group "${key}"`)
      return group
    }),
  }
}

function groupKeys({ condition }: Experiment): readonly string[] {
  return condition === null ? [] : savedGroupKeys(condition)
}

function publishedHoldout({ key, share, unitType, layers }: Holdout): PublishedHoldout {
  return { key, seed: holdoutSeed(key), share, unitType, layers: [...layers] }
}

/** No experiment and no layer has such a seed: keys begin with a letter or digit, and seeds of layers with `__`. */
function holdoutSeed(key: string): string {
  return `_holdout:${key}`
}

const sizes = new WeakMap<object, number>()

function bytesOf(group: Pick<SavedGroup, 'key' | 'values'>): number {
  const known = sizes.get(group)
  if (known !== undefined) return known
  const bytes = Buffer.byteLength(`${JSON.stringify(group.key)}:${canonicalJson(group.values)}`)
  sizes.set(group, bytes)
  return bytes
}
