import { parsePrivateKey, signSnapshot } from '@bulkhead/contracts'
import type { SignSnapshot } from './snapshot-service.ts'

/** Signs with one key; the key itself does not leave this closure. */
export function createSnapshotSigner(signing: {
  readonly keyId: string
  /** As `parsePrivateKey` reads it. */
  readonly privateKey: string
}): SignSnapshot {
  const key = { keyId: signing.keyId, privateKey: parsePrivateKey(signing.privateKey) }
  return (unsigned) => signSnapshot(unsigned, key)
}
