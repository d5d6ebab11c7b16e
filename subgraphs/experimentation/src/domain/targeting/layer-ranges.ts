import { layerRangeProblem } from '@bulkhead/contracts'
import type { Experiment } from '../experiment.ts'
import type { InputProblem } from '../input-problems.ts'
import type { LayerConflict } from '../refusals.ts'
import type { Range } from './rules.ts'

/** The hash version of every layer that is made here; 1 is for imported namespaces only (ADR 0012). */
export const LAYER_HASH_VERSION = 2

export type LayerAllocation = Range & {
  /** Null where the range is free. */
  readonly experiment: Experiment | null
}

/** What a ramp records of an experiment from an instant on. */
export function rampStep(
  { coverage, layer }: Pick<Experiment, 'coverage' | 'layer'>,
  at: number,
): Experiment['versions'][number]['ramp'][number] {
  if (layer === null) return { at, coverage }
  return { at, coverage, layerRange: { from: layer.from, to: layer.to } }
}

export function checkLayerRange({ from, to }: Range): InputProblem[] {
  const message = layerRangeProblem({ key: 'layer', from, to, hashVersion: LAYER_HASH_VERSION })
  return message === null ? [] : [{ path: ['layerRange'], message }]
}

/** Who holds what of a layer, and what is free, in order. @param listed the listed experiments, of any layer */
export function layerAllocations(layer: string, listed: Iterable<Experiment>): LayerAllocation[] {
  const allocations: LayerAllocation[] = []
  let end = 0
  for (const { from, to, experiment } of holders(layer, listed).sort((a, b) => a.from - b.from)) {
    if (end < from) allocations.push({ from: end, to: from, experiment: null })
    allocations.push({ from, to, experiment })
    end = to
  }
  if (end < 1) allocations.push({ from: end, to: 1, experiment: null })
  return allocations
}

/** The largest free range of a layer, the first one of several; null where nothing is free. */
export function largestFreeRange(layer: string, listed: Iterable<Experiment>): Range | null {
  let largest: Range | null = null
  for (const { from, to, experiment } of layerAllocations(layer, listed)) {
    if (experiment !== null) continue
    if (largest === null || to - from > largest.to - largest.from) largest = { from, to }
  }
  return largest
}

/** The listed experiments that hold a part of what this one asks for; null where there are none. */
export function findLayerConflict(
  { key, layer }: Experiment,
  others: Iterable<Experiment>,
): LayerConflict | null {
  if (layer === null) return null
  const holding = holders(layer.key, others).filter(
    ({ experiment, from, to }) => experiment.key !== key && layer.from < to && from < layer.to,
  )
  if (holding.length === 0) return null
  return {
    type: 'layer-conflict',
    layer: layer.key,
    holders: holding.map(({ experiment, from, to }) => ({ experimentKey: experiment.key, from, to })),
  }
}

function holders(layer: string, listed: Iterable<Experiment>) {
  return [...listed].flatMap((experiment) =>
    experiment.layer?.key === layer
      ? [{ from: experiment.layer.from, to: experiment.layer.to, experiment }]
      : [],
  )
}
