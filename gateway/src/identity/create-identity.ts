import type { Clock } from '@bulkhead/service/clock'
import { createIdentitySigner } from '@bulkhead/service/identity/identity-token'
import type { Logger } from '@bulkhead/service/logging'
import { systemRandom } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import { type Authenticate, createAuthenticate } from './authenticate.ts'
import type { IdentityConfig } from './identity-settings.ts'
import { createJsonWebKeys } from './json-web-keys.ts'
import { createTokenVerifier } from './token-verifier.ts'

/** Share of the interval by which replicas differ, so that they do not download the keys at the same moment. */
const JITTER = 0.1

/**
 * The authentication that the settings ask for, and the worker that keeps the provider's keys up to date; null where
 * there is no provider.
 * @param options.audiences the names of our own subgraphs
 */
export function createIdentity(options: {
  readonly config: IdentityConfig
  readonly audiences: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}): { readonly authenticate: Authenticate; readonly keyRefresher: Worker | null } {
  const { config, audiences, clock, log } = options
  const { provider, signing } = config
  const keys = provider && createJsonWebKeys(provider.jwksUrl)
  const authenticate = createAuthenticate({
    verify: createTokenVerifier({
      issued: provider && keys && { rules: provider.rules, keys },
      developmentSecret: config.developmentSecret,
      clock,
    }),
    forward: signing && { audiences, sign: createIdentitySigner({ ...signing, clock }) },
    developmentIdentity: config.developmentIdentity,
    clock,
  })
  const keyRefresher =
    provider &&
    keys &&
    createPeriodicWorker({
      name: 'jwks',
      intervalMs: provider.refreshMs,
      jitter: JITTER,
      run: () => keys.reload(),
      log,
      random: systemRandom,
    })
  return { authenticate, keyRefresher }
}
