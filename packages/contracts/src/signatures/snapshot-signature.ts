import type { KeyObject } from 'node:crypto'
import {
  type AssignmentSnapshot,
  assignmentSnapshotSchema,
  type UnsignedSnapshot,
} from '../assignment/assignment-snapshot.ts'
import { readHoldouts } from '../assignment/holdout.ts'
import { CanonicalJsonError, canonicalJson } from '../canonical-json.ts'
import type { JsonObject } from '../json.ts'
import { signBytes, verifySignature } from './signature-domain.ts'

/** Why a snapshot is refused. The reader then keeps the one that it has. */
export const SNAPSHOT_REFUSALS = ['MALFORMED', 'UNKNOWN_KEY', 'BAD_SIGNATURE', 'HOLDOUT_UNSUPPORTED'] as const
export type SnapshotRefusal = (typeof SNAPSHOT_REFUSALS)[number]

export type SnapshotReading =
  | { type: 'snapshot'; snapshot: AssignmentSnapshot }
  | { type: 'refused'; code: SnapshotRefusal; message: string }

/**
 * Signs a snapshot: Ed25519 over the UTF-8 of the canonical JSON of everything but `signature`, the key id included. It
 * has no domain of its own, because snapshots were signed before there were any; see `signature-domain.ts`.
 * @throws CanonicalJsonError where the snapshot is not JSON, for instance with a lone surrogate in a forced unit
 */
export function signSnapshot(
  unsigned: UnsignedSnapshot,
  key: { keyId: string; privateKey: KeyObject },
): AssignmentSnapshot {
  const signed = { ...unsigned, keyId: key.keyId }
  return { ...signed, signature: signBytes(signedBytes(signed), key.privateKey) }
}

/**
 * Verifies and parses a snapshot after `JSON.parse`. Never throws.
 *
 * The signature is checked over the raw object, because it also covers fields that only a newer publisher knows. To read
 * a snapshot again later, store the raw text, not the parsed value. A snapshot with a holdout that cannot be evaluated is
 * refused, since serving without it would treat units that must not be treated.
 */
export function readSnapshot(raw: unknown, keyring: ReadonlyMap<string, KeyObject>): SnapshotReading {
  if (!isObject(raw)) return refused('MALFORMED', 'the snapshot is not a JSON object')
  const { signature, ...signed } = raw
  if (typeof signature !== 'string') return refused('MALFORMED', 'the snapshot carries no signature')
  if (typeof signed.keyId !== 'string') return refused('MALFORMED', 'the snapshot names no key')
  const publicKey = keyring.get(signed.keyId)
  if (publicKey === undefined)
    return refused('UNKNOWN_KEY', 'the snapshot is signed with a key that is not trusted here')

  let bytes: Buffer
  try {
    bytes = signedBytes(signed)
  } catch (error) {
    if (error instanceof CanonicalJsonError) return refused('MALFORMED', error.message)
    throw error
  }
  if (!verifySignature(bytes, signature, publicKey)) {
    return refused('BAD_SIGNATURE', 'the signature does not match the snapshot')
  }

  const parsed = assignmentSnapshotSchema.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return refused(
      'MALFORMED',
      `${issue?.path.join('.') || 'the snapshot'}: ${issue?.message ?? 'is not valid'}`,
    )
  }
  if (readHoldouts(parsed.data.holdouts) === null) {
    return refused('HOLDOUT_UNSUPPORTED', 'the snapshot has a holdout that this version cannot evaluate')
  }
  return { type: 'snapshot', snapshot: parsed.data }
}

function signedBytes(signed: JsonObject): Buffer {
  return Buffer.from(canonicalJson(signed), 'utf8')
}

/** Does not check the members, since `canonicalJson` refuses values that are not JSON. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(code: SnapshotRefusal, message: string): SnapshotReading {
  return { type: 'refused', code, message }
}
