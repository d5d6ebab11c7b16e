import { hash } from 'node:crypto'

const INDEX_BITS = 12
const REGISTERS = 2 ** INDEX_BITS
/** Bias correction for that many registers. */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
/** Below this many per register, the empty registers say more. */
const SMALL = 2.5

/**
 * How many distinct items there were, in 4 KiB whatever their number: HyperLogLog of Flajolet, Fusy, Gandouet and Meunier
 * (2007), with linear counting where there are few. Its standard error is 1.6 %.
 */
export type DistinctSketch = Uint8Array

export function emptySketch(): DistinctSketch {
  return new Uint8Array(REGISTERS)
}

export function isSketch(bytes: Uint8Array): boolean {
  return bytes.length === REGISTERS
}

/** Puts an item in; the same one again changes nothing. */
export function addToSketch(sketch: DistinctSketch, itemId: string): void {
  const digest = hash('sha256', itemId, 'buffer')
  const register = digest.readUInt32BE(0) >>> (32 - INDEX_BITS)
  const rank = Math.clz32(digest.readUInt32BE(4)) + 1
  if (rank > (sketch[register] ?? 0)) sketch[register] = rank
}

/** The sketch of all items that are in one or the other. */
export function mergeSketches(a: DistinctSketch, b: DistinctSketch): DistinctSketch {
  return a.map((rank, register) => Math.max(rank, b[register] ?? 0))
}

/** About how many distinct items were put in; a whole number. */
export function countDistinct(sketch: DistinctSketch): number {
  let sum = 0
  let empty = 0
  for (const rank of sketch) {
    sum += 2 ** -rank
    if (rank === 0) empty++
  }
  const estimate = (ALPHA * REGISTERS * REGISTERS) / sum
  const isSmall = estimate <= SMALL * REGISTERS && empty > 0
  return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / empty) : estimate)
}
