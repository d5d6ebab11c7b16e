/** Randomness that a seed repeats, with the draws that generators need. */
export type SeededRandom = {
  /** An integer from 0 to `bound - 1`. */
  below(bound: number): number
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
}

/** A mulberry32 generator: 32 bits of state are enough to choose test cases. */
export function createTestRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    below,
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('nothing to pick from')
      return value
    },
  }
}
