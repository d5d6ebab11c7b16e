import { createSeededRandom, type SeededRandom } from '../pipeline/selection/seeded-random.ts'

/** @param seed a whole number from 0 on */
export function resamplingRandom(seed: number): SeededRandom {
  return createSeededRandom(seed.toString(16).padStart(32, '0'))
}
