import type { Random } from '@bulkhead/service/random'

/** Always the same; a test of jitter chooses `next`. */
export function createTestRandom(next = 0.5): Random {
  return { bytes: (n) => new Uint8Array(n).fill(7), next: () => next }
}
