import { createHash } from 'node:crypto'
import { createSeededRandom } from '../domain/pipeline/selection/seeded-random.ts'

/**
 * Random draws for one purpose. Uses only +, -, x and /, which IEEE 754 rounds exactly, so that a seed gives the same
 * bytes on every machine and with every version of Node.
 */
export type Dice = {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole number from 0 to below `n`. */
  below(n: number): number
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
  /** Above 0 with a long tail: about 1 for most, about 12 for a few. */
  heavyTailed(): number
}

export function createDice(seed: number, purpose: string): Dice {
  const digest = createHash('sha256').update(`demo\n${seed}\n${purpose}`).digest('hex')
  const next = createSeededRandom(digest.slice(0, 32))
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new RangeError('there is nothing to pick from')
      return value
    },
    heavyTailed: () => 1 / (next() + 0.08) - 0.9,
  }
}

/** Draws an index with a probability proportional to its weight. Prepare once, draw often. */
export function createWeightedChoice(weights: readonly number[]): (dice: Dice) => number {
  let total = 0
  const ends = weights.map((weight) => (total += weight))
  return (dice) => {
    const point = dice.next() * total
    let low = 0
    let high = ends.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (point < (ends[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Shares `total` out by weight, at least `least` each, in whole numbers that add up to it exactly. */
export function shareOut(total: number, weights: readonly number[], least: number): readonly number[] {
  const sum = weights.reduce((one, other) => one + other, 0)
  const free = total - least * weights.length
  let given = 0
  let weightSoFar = 0
  return weights.map((weight) => {
    weightSoFar += weight
    const upToHere = Math.round((free * weightSoFar) / sum)
    const share = least + upToHere - given
    given = upToHere
    return share
  })
}
