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
  bytes: (n) => randomBytes(n),
  next: () => randomBytes(6).readUIntBE(0, 6) / UINT48,
}
