import { generateKeyPairSync } from 'node:crypto'
import { type Clock, systemClock } from '../clock.ts'
import { type Identity, SCOPES } from '../identity/identity.ts'
import { createIdentitySigner, IDENTITY_HEADER } from '../identity/identity-token.ts'

const KEY_ID = 'test-identity-key'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

function signerAt(clock: Clock) {
  return createIdentitySigner({ keyId: KEY_ID, privateKey, clock })
}

const signNow = signerAt(systemClock)

/** The keys by which a subgraph under test knows the identities of `identityHeader`. */
export const testIdentityKeys: ReadonlyMap<string, typeof publicKey> = new Map([[KEY_ID, publicKey]])

/** Somebody with every scope, unless told otherwise. */
export function testIdentity(subject = 'ana', scopes: readonly string[] = SCOPES): Identity {
  return { subject, scopes: new Set(scopes) }
}

/** The header in which a gateway tells the subgraph `audience` who asks; none for anonymous. */
export async function identityHeader(
  identity: Identity | null,
  audience: string,
  clock: Clock = systemClock,
): Promise<Record<string, string>> {
  const sign = clock === systemClock ? signNow : signerAt(clock)
  return identity === null ? {} : { [IDENTITY_HEADER]: await sign(identity, audience) }
}
