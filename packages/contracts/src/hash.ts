/**
 * FNV-1a, 32 bit, over the UTF-16 code units of `text`, as an unsigned integer. Code units rather than bytes, because
 * that is what GrowthBook's JavaScript SDK hashes: over UTF-8, non-ASCII units would get other variants.
 */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** GrowthBook's hash version 1: [0, 1) in steps of 1/1000. Biased between experiments; namespaces still use it. */
export function hashV1(seed: string, value: string): number {
  return (fnv1a32(value + seed) % 1000) / 1000
}

/** GrowthBook's hash version 2: [0, 1) in steps of 1/10000. Hashing twice removes the bias of version 1. */
export function hashV2(seed: string, value: string): number {
  return (fnv1a32(String(fnv1a32(seed + value))) % 10_000) / 10_000
}
