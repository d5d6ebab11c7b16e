import { createHash } from 'node:crypto'

/**
 * The idempotency key of an exposure: base64url of SHA-256 over the pair (43 characters). One slate and experiment
 * have one exposure, however often it is built or sent.
 */
export function exposureEventId(slateId: string, experimentKey: string): string {
  return digest([slateId, experimentKey]).toString('base64url')
}

/**
 * An id for an event whose identity is what it says, such as an imported row or a producer's n-th heartbeat: a UUID
 * version 8 (RFC 9562) from the SHA-256 of the parts. Lead with a part that names the kind, so that kinds cannot meet.
 */
export function derivedEventId(...parts: string[]): string {
  const uuid = digest(parts).subarray(0, 16)
  uuid[6] = 0x80 | (uuid.readUInt8(6) & 0x0f)
  uuid[8] = 0x80 | (uuid.readUInt8(8) & 0x3f)
  return uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A JSON array keeps the parts apart whatever they hold; lone surrogates are written as escapes. */
function digest(parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest()
}
