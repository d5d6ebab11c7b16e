const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

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
  return (fnv1a32(String(fnv1a32(value, seedHash))) % HASH_GRIDS[2]) / HASH_GRIDS[2]
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
