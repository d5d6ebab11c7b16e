import { randomBytes } from 'node:crypto'

/** Randomness as the services take it: injected, so that a test can repeat what it saw. */
export type Random = {
  /** `n` random bytes. */
  bytes(n: number): Uint8Array
  /** Uniform in [0, 1). */
  next(): number
}

const UINT48 = 2 ** 48

/** From the operating system's generator: ids and seeds made of it cannot be guessed. */
export const systemRandom: Random = {
  bytes: (n) => randomBytes(n),
  next: () => randomBytes(6).readUIntBE(0, 6) / UINT48,
}
