import { seededRandom } from '@bulkhead/statistics/seeded-random'
import { CHECKS } from './checks.ts'
import type { Finding } from './judgement.ts'

/** One check on one seed. */
export type Order = { readonly check: string; readonly seed: number; readonly experiments: number }

// Started by `statistics-bench.ts`.
process.on('message', ({ check: name, seed, experiments }: Order) => {
  const check = CHECKS.find((candidate) => candidate.name === name)
  if (check === undefined) throw new Error(`there is no check "${name}"`)
  process.send?.(check.run(experiments, seededRandom(seed)) satisfies Finding)
})
