import { createHash } from 'node:crypto'
import type { Finding } from '../model/finding.ts'

/** A fingerprint as approvals and baselines write it. */
export const FINGERPRINT = /^[0-9a-f]{16}$/

/** What graphql-js suggests depends on the rest of the schema. */
const SUGGESTION = / Did you mean [^?]*\?/g

/**
 * Names a finding for as long as it stays the same: 64 bits of SHA-256 over what was found. Not among it is what can move
 * while nothing has changed: places, usage, suggestions, and the grade, which usage and configuration set.
 */
export function fingerprintOf({ section, code, coordinate, key, message }: Finding): string {
  const identity = JSON.stringify([
    section,
    code,
    coordinate,
    key ?? null,
    message.replaceAll(SUGGESTION, ''),
  ])
  return createHash('sha256').update(identity).digest('hex').slice(0, 16)
}
