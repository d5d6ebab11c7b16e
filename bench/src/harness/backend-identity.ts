import { parsePrivateKey } from '@bulkhead/contracts'
import { SUBGRAPHS } from '@bulkhead/dev/environment'
import { systemClock } from '@bulkhead/service/clock'
import { ACT_FOR_USERS } from '@bulkhead/service/identity/identity'
import { createIdentitySigner } from '@bulkhead/service/identity/identity-token'

const DAY_MS = 86_400_000

/**
 * A token for both subgraphs of somebody who acts for users, as the gateway signs it. It lasts longer than any bench.
 * @param more scopes beside that
 */
export function signBackend(
  secrets: { readonly identityKeyId: string; readonly identityKey: string },
  more: readonly string[] = [],
): Promise<string> {
  const sign = createIdentitySigner({
    keyId: secrets.identityKeyId,
    privateKey: parsePrivateKey(secrets.identityKey),
    clock: { now: () => systemClock.now() + DAY_MS },
  })
  return sign({ subject: 'backend', scopes: new Set([ACT_FOR_USERS, ...more]) }, [...SUBGRAPHS])
}
