import { createSeededRandom } from '../../pipeline/selection/seeded-random.ts'

/** How far rows are from the centre of their cluster, where the centres are about 1 from 0. */
const NOISE = 0.7
const ROWS_PER_CLUSTER = 200

/**
 * Vectors in clusters of very different sizes, with lengths as unequal as popularity makes them. The same for the same
 * arguments.
 */
export function makeClusteredRows(count: number, dimensions: number, seed = 1) {
  const random = createSeededRandom(seed.toString(16).padStart(32, '0'))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const clusters = Math.max(1, Math.round(count / ROWS_PER_CLUSTER))
  const unit = 1 / Math.sqrt(dimensions)
  const centres = Float32Array.from({ length: clusters * dimensions }, () => normal() * unit)
  const values = new Float32Array(count * dimensions)
  const clusterOf = new Uint32Array(count)
  for (let row = 0; row < count; row++) {
    const cluster = Math.floor(clusters * random() ** 1.5)
    clusterOf[row] = cluster
    const length = Math.exp(0.5 * normal())
    for (let k = 0; k < dimensions; k++) {
      const centre = centres[cluster * dimensions + k] ?? 0
      values[row * dimensions + k] = length * (centre + NOISE * normal() * unit)
    }
  }
  return { dimensions, values, clusterOf }
}

/** For each listener, up to 20 rows of one to three clusters. */
export function makeTastes(clusterOf: Uint32Array, listeners: number, seed = 2): number[][] {
  const random = createSeededRandom(seed.toString(16).padStart(32, '0'))
  const rowsOf = new Map<number, number[]>()
  clusterOf.forEach((cluster, row) => {
    const list = rowsOf.get(cluster)
    if (list === undefined) rowsOf.set(cluster, [row])
    else list.push(row)
  })
  const draw = <T>(list: readonly T[]): T => list[Math.floor(list.length * random())] as T
  const rows = [...clusterOf.keys()]
  return Array.from({ length: listeners }, () => {
    const liked = Array.from({ length: 1 + Math.floor(3 * random()) }, () => clusterOf[draw(rows)] ?? 0)
    return [...new Set(Array.from({ length: 20 }, () => draw(rowsOf.get(draw(liked)) ?? rows)))]
  })
}
