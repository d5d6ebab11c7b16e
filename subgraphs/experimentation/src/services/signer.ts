import { createPublicKey, type KeyObject } from 'node:crypto'
import {
  parsePrivateKey,
  type QaOverride,
  signBootstrap,
  signDecision,
  signQaOverride,
  signSnapshot,
} from '@bulkhead/contracts'
import type { SignBootstrap } from '../domain/governance/bootstrap.ts'
import type { SignDecision } from '../domain/steps.ts'
import type { SignSnapshot } from './snapshot-service.ts'

export type Signer = {
  readonly sign: SignSnapshot
  readonly signDecision: SignDecision
  readonly signBootstrap: SignBootstrap
  readonly signQaOverride: (override: QaOverride) => string
  /** What verifies these signatures, by key id. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>
}

/**
 * Signs with one key, which is visible only in here. Snapshots, both kinds of decisions and QA overrides have separate
 * signature domains.
 */
export function createSigner(options: {
  readonly keyId: string
  /** As `parsePrivateKey` reads it. */
  readonly privateKey: string
}): Signer {
  const privateKey = parsePrivateKey(options.privateKey)
  const key = { keyId: options.keyId, privateKey }
  return {
    sign: (unsigned) => signSnapshot(unsigned, key),
    signDecision: (record) => signDecision(record, key),
    signBootstrap: (record) => signBootstrap(record, key),
    signQaOverride: (override) => signQaOverride(override, key),
    publicKeys: new Map([[options.keyId, createPublicKey(privateKey)]]),
  }
}
