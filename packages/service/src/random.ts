import { randomBytes } from 'node:crypto'

/** Randomness. Injected, so that tests can repeat a run. */
export type Random = {
  /** `n` random bytes. */
  bytes(n: number): Uint8Array
  /** Uniform in [0, 1). */
  next(): number
}

const UINT48 = 2 ** 48

/** From the operating system's generator, so that ids and seeds cannot be guessed. */
export const systemRandom: Random = {
  bytes: takeBytes,
  next: () => Buffer.from(takeBytes(6)).readUIntBE(0, 6) / UINT48,
}

/** Bytes that are asked for together: each call of the generator costs as much as some hundred bytes of it. */
const POOL_BYTES = 4_096

let pool = new Uint8Array(0)
let taken = 0

/** Each byte of the pool is given away once, and is overwritten there. */
function takeBytes(n: number): Uint8Array {
  if (n > POOL_BYTES) return randomBytes(n)
  if (taken + n > pool.length) {
    pool = randomBytes(POOL_BYTES)
    taken = 0
  }
  // A copy: `slice` of a Buffer would be the pool's own memory.
  const bytes = Uint8Array.prototype.slice.call(pool, taken, taken + n)
  pool.fill(0, taken, taken + n)
  taken += n
  return bytes
}
