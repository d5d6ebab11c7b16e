import { fnv1a32 } from './hash.ts'

/** Random bytes for a slate id, of which 74 bits are used. */
export const SLATE_ID_RANDOM_BYTES = 10

const MAX_TIMESTAMP = 2 ** 48 - 1

const SLATE_ID = /^([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/**
 * A new slate's id: eight hex digits of `fnv1a32(unit)`, then a UUID version 7 (RFC 9562). By the unit's hash
 * a sharded datastore can find the slate, and by the time a reader can see how old it is, from the id alone.
 *
 * @param input.now milliseconds since 1970, a whole number
 * @param input.random `SLATE_ID_RANDOM_BYTES` random bytes
 * @throws RangeError on any other time or length
 */
export function createSlateId(input: { unit: string; now: number; random: Uint8Array }): string {
  const { unit, now, random } = input
  if (!Number.isInteger(now) || now < 0 || now > MAX_TIMESTAMP)
    throw new RangeError('now is not a time in milliseconds')
  if (random.length !== SLATE_ID_RANDOM_BYTES) {
    throw new RangeError(`a slate id takes ${SLATE_ID_RANDOM_BYTES} random bytes, not ${random.length}`)
  }
  const uuid = Buffer.alloc(16)
  uuid.writeUIntBE(now, 0, 6)
  uuid.set(random, 6)
  uuid[6] = 0x70 | (uuid.readUInt8(6) & 0x0f)
  uuid[8] = 0x80 | (uuid.readUInt8(8) & 0x3f)
  const hex = uuid.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return `${slateUnitHash(unit)}-${parts.join('-')}`
}

/** The eight hex digits with which every slate id of a unit begins. */
export function slateUnitHash(unit: string): string {
  return fnv1a32(unit).toString(16).padStart(8, '0')
}

/** The hash and the time in a slate's id, `createdAt` in milliseconds since 1970; null for any other text. */
export function readSlateId(id: string): { unitHash: string; createdAt: number } | null {
  const match = SLATE_ID.exec(id)
  if (match === null) return null
  const [, unitHash = '', high = '', low = ''] = match
  return { unitHash, createdAt: Number.parseInt(high + low, 16) }
}
