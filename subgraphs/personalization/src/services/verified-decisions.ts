import type { KeyObject } from 'node:crypto'
import {
  canonicalHash,
  canonicalJson,
  type JsonObject,
  readBootstrap,
  readDecision,
} from '@bulkhead/contracts'
import type { VerifiedDecision } from '../domain/model-path/decisions.ts'

/** The decisions of a snapshot that a trusted key has signed; what is anything else is left out. */
export function verifiedDecisions(
  raw: readonly JsonObject[],
  keyring: ReadonlyMap<string, KeyObject>,
): readonly VerifiedDecision[] {
  return raw.flatMap((one): VerifiedDecision[] => {
    const signed = { hash: canonicalHash(one), text: canonicalJson(one) }
    const record = readDecision(one, keyring)
    if (record !== null) return [{ kind: 'DECISION', record, ...signed }]
    const bootstrap = readBootstrap(one, keyring)
    return bootstrap === null ? [] : [{ kind: 'BOOTSTRAP', record: bootstrap, ...signed }]
  })
}
