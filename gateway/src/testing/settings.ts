import { generateKeyPairSync } from 'node:crypto'
import { encodePrivateKey } from '@bulkhead/contracts'

/** What a gateway in front of our own subgraphs cannot do without. */
export const REQUIRED_SETTINGS = {
  GATEWAY_SECRET: 'a-secret-of-the-gateway',
  IDENTITY_SIGNING_KEY_ID: 'k1',
  IDENTITY_SIGNING_KEY: encodePrivateKey(generateKeyPairSync('ed25519').privateKey),
}
