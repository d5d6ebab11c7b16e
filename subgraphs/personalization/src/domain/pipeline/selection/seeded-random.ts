/** Uniform in [0, 1), in steps of 2^-32. */
export type SeededRandom = () => number

const SEED = /^[0-9a-f]{32}$/

/** First draws thrown away, so that the seed's bits are mixed into the whole state. */
const WARM_UP_DRAWS = 12

/**
 * sfc32 (Doty-Humphrey's PractRand), seeded with 128 bits: small, fast, and the same in every process.
 * @param seed 32 lower-case hex digits
 * @throws RangeError on any other seed
 */
export function createSeededRandom(seed: string): SeededRandom {
  if (!SEED.test(seed)) throw new RangeError('a seed is 32 hex digits')
  let a = Number.parseInt(seed.slice(0, 8), 16) | 0
  let b = Number.parseInt(seed.slice(8, 16), 16) | 0
  let c = Number.parseInt(seed.slice(16, 24), 16) | 0
  let counter = Number.parseInt(seed.slice(24), 16) | 0

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  for (let draw = 0; draw < WARM_UP_DRAWS; draw++) next()
  return next
}
