import { generateKeyPairSync } from 'node:crypto'
import { type AssignmentSnapshot, signSnapshot, type UnsignedSnapshot } from '@bulkhead/contracts'
import { NOON } from './samples/time.ts'

/** A publisher of snapshots with a key of its own. */
export function createTestPublisher(keyId = 'test-key') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKeys: new Map([[keyId, publicKey]]),
    publish(version: number, overrides: Partial<UnsignedSnapshot> = {}): AssignmentSnapshot {
      const unsigned: UnsignedSnapshot = {
        version,
        publishedAt: new Date(NOON).toISOString(),
        layers: [],
        holdouts: [],
        experiments: [],
        decisions: [],
        ...overrides,
      }
      return signSnapshot(unsigned, { keyId, privateKey })
    },
  }
}
