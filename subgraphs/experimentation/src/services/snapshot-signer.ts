import { parsePrivateKey, signSnapshot } from '@bulkhead/contracts'
import type { SignSnapshot } from './snapshot-service.ts'

/** Signs with one key, which is visible only in here. */
export function createSnapshotSigner(options: {
  readonly keyId: string
  /** As `parsePrivateKey` reads it. */
  readonly privateKey: string
}): SignSnapshot {
  const key = { keyId: options.keyId, privateKey: parsePrivateKey(options.privateKey) }
  return (unsigned) => signSnapshot(unsigned, key)
}
