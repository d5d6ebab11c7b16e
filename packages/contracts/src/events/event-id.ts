import { hash } from 'node:crypto'

/**
 * The idempotency key of an exposure: base64url of SHA-256 over the pair (43 characters). A slate has one
 * exposure per experiment, however often it is built or sent.
 */
export function exposureEventId(slateId: string, experimentKey: string): string {
  return hash('sha256', canonical([slateId, experimentKey]), 'base64url')
}

/**
 * The idempotency key of a `served` event: one for a unit, experiment version and UTC day, however many slates the unit
 * is served on it.
 * @param served.occurredAt RFC 3339 in UTC, or epoch milliseconds
 */
export function servedEventId(served: {
  readonly unit: string
  readonly experimentKey: string
  readonly experimentVersion: number
  readonly occurredAt: string | number
}): string {
  const { unit, experimentKey, experimentVersion, occurredAt } = served
  const day = new Date(occurredAt).toISOString().slice(0, 10)
  return derivedEventId('served', unit, experimentKey, String(experimentVersion), day)
}

/** The idempotency key of the `change`-th change of a model version's stage. */
export function modelStageEventId(modelVersionId: string, change: number): string {
  return derivedEventId('modelStageChanged', modelVersionId, String(change))
}

/**
 * The id of an event that is identified by its content, such as an imported row or a producer's n-th heartbeat: a UUID
 * version 8 (RFC 9562) from the SHA-256 of the parts. The first part names the kind, so that two kinds never share an id.
 */
export function derivedEventId(...parts: string[]): string {
  // On text, because imports make millions of these and buffers cost more.
  const hex = hash('sha256', canonical(parts), 'hex')
  const variant = (0x8 | (Number.parseInt(hex.charAt(16), 16) & 0x3)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** JSON keeps the parts apart, whatever they contain, and escapes lone surrogates. */
function canonical(parts: readonly string[]): string {
  return JSON.stringify(parts)
}
