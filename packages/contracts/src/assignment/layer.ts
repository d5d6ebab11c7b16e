import { fnv1a32, hashV1, hashV2AfterSeed, isOnHashGrid } from '../hash.ts'
import type { LayerRange } from './assignment-snapshot.ts'

/**
 * The hash version of a layer's ranges. 1 is an imported GrowthBook namespace, and what a range without a version means;
 * our own layers have 2, because under version 1 layers with similar names are not independent (ADR 0012). Null for a
 * version that the evaluator does not know.
 */
export function layerHashVersion({ hashVersion = 1 }: Pick<LayerRange, 'hashVersion'>): 1 | 2 | null {
  return hashVersion === 1 || hashVersion === 2 ? hashVersion : null
}

/**
 * The seed with which units get their positions in a layer: that of a GrowthBook namespace. In GrowthBook a version 2
 * layer is a filter: `{ seed: layerSeed(key), hashVersion: 2, ranges: [[from, to]] }`. No experiment's seed is equal to
 * it, because keys begin with a letter or digit.
 */
export function layerSeed(layerKey: string): string {
  return `__${layerKey}`
}

/** Whether a layer's half-open range holds a unit; undefined where the hash version is not known. */
export function compileLayerRange(range: LayerRange): ((unit: string) => boolean) | undefined {
  const { from, to } = range
  const seed = layerSeed(range.key)
  switch (layerHashVersion(range)) {
    case 1:
      return (unit) => {
        const position = hashV1(seed, unit)
        return position >= from && position < to
      }
    case 2: {
      const seedHash = fnv1a32(seed)
      return (unit) => {
        const position = hashV2AfterSeed(seedHash, unit)
        return position >= from && position < to
      }
    }
    default:
      return undefined
  }
}

/** Why a range cannot be written, for whoever allocates it; null where it can. Readers accept what was published. */
export function layerRangeProblem(range: LayerRange): string | null {
  const hashVersion = layerHashVersion(range)
  if (hashVersion === null) return 'has an unknown hash version'
  if (!(range.from >= 0 && range.from < range.to && range.to <= 1)) return 'is not a range within 0 and 1'
  if (isOnHashGrid(range.from, hashVersion) && isOnHashGrid(range.to, hashVersion)) return null
  return hashVersion === 1
    ? 'is finer than thousandths, the steps of hash version 1'
    : 'is finer than ten-thousandths, the steps of hash version 2'
}
