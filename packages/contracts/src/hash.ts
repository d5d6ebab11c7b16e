const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193
const DIGIT_ZERO = 0x30
const FIVE_DIGITS = 100_000

/**
 * FNV-1a, 32 bit, over the UTF-16 code units of `text`, as an unsigned integer. Code units rather than bytes, because
 * that is what GrowthBook's JavaScript SDK hashes: over UTF-8, non-ASCII units would get other variants.
 * @param from the hash of the text before this one: `fnv1a32(b, fnv1a32(a))` is `fnv1a32(a + b)`
 */
export function fnv1a32(text: string, from: number = OFFSET_BASIS): number {
  let hash = from
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), PRIME)
  }
  return hash >>> 0
}

/** GrowthBook's hash version 1: [0, 1) in steps of 1/1000. Biased between experiments; namespaces still use it. */
export function hashV1(seed: string, value: string): number {
  return (fnv1a32(seed, fnv1a32(value)) % HASH_GRIDS[1]) / HASH_GRIDS[1]
}

/** GrowthBook's hash version 2: [0, 1) in steps of 1/10000. Hashing twice removes the bias of version 1. */
export function hashV2(seed: string, value: string): number {
  return hashV2AfterSeed(fnv1a32(seed), value)
}

/** `hashV2` for a seed that was hashed before, since a seed meets many units. */
export function hashV2AfterSeed(seedHash: number, value: string): number {
  return (hashDecimal(fnv1a32(value, seedHash)) % HASH_GRIDS[2]) / HASH_GRIDS[2]
}

/** `fnv1a32(String(value))` of an unsigned 32-bit integer. Without the text, the whole hash takes half the time. */
function hashDecimal(value: number): number {
  if (value < FIVE_DIGITS) return hashLeadingDigits(value) >>> 0
  const high = Math.trunc(value / FIVE_DIGITS)
  const low = value - high * FIVE_DIGITS
  let hash = hashLeadingDigits(high)
  hash = hashDigit(hash, (low / 10_000) | 0)
  hash = hashDigit(hash, ((low / 1_000) | 0) % 10)
  hash = hashDigit(hash, ((low / 100) | 0) % 10)
  hash = hashDigit(hash, ((low / 10) | 0) % 10)
  return hashDigit(hash, low % 10) >>> 0
}

/** One to five digits, without leading zeros. */
function hashLeadingDigits(value: number): number {
  let hash = OFFSET_BASIS
  if (value >= 10_000) hash = hashDigit(hash, (value / 10_000) | 0)
  if (value >= 1_000) hash = hashDigit(hash, ((value / 1_000) | 0) % 10)
  if (value >= 100) hash = hashDigit(hash, ((value / 100) | 0) % 10)
  if (value >= 10) hash = hashDigit(hash, ((value / 10) | 0) % 10)
  return hashDigit(hash, value % 10)
}

function hashDigit(hash: number, digit: number): number {
  return Math.imul(hash ^ (DIGIT_ZERO + digit), PRIME)
}

/** How many positions each hash version has. */
const HASH_GRIDS = { 1: 1_000, 2: 10_000 } as const

/**
 * Whether a border is one of the positions of a hash version. One between two positions would promise a share that the
 * hash cannot give, and two that meet there could be apart by a rounding error.
 */
export function isOnHashGrid(border: number, hashVersion: 1 | 2): boolean {
  const grid = HASH_GRIDS[hashVersion]
  return border === Math.round(border * grid) / grid
}
