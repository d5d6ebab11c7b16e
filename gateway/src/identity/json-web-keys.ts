import { readBounded } from '@bulkhead/service/read-bounded'
import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose'

const MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 5_000
/** How soon after the last download an unknown key id may cause another one. */
const COOLDOWN_MS = 30_000
/** The same after one that failed, which the library does not count. */
const FAILURE_COOLDOWN_MS = 2_000

export type JsonWebKeys = {
  readonly keyOf: JWTVerifyGetKey
  /** Downloads the keys again. If that fails, those from before stay in use. */
  reload(): Promise<void>
}

/** The public keys at a URL (RFC 7517): downloaded when they are first needed, and when a key id is unknown. */
export function createJsonWebKeys(
  url: string,
  cooldownMs = COOLDOWN_MS,
  timeoutMs = TIMEOUT_MS,
): JsonWebKeys {
  const keys = createRemoteJWKSet(new URL(url), {
    // They grow old by `reload` only, so that an outage of the issuer does not end the sessions of all users.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: cooldownMs,
    timeoutDuration: timeoutMs,
    [customFetch]: withCooldown(fetchBounded),
  })
  return { keyOf: keys, reload: keys.reload }
}

const fetchBounded: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options)
  if (!response.ok || response.body === null) return response
  const text = await readBounded(response.body, MAX_BYTES)
  if (text === null) throw new Error(`the key set is over ${MAX_BYTES} bytes`)
  return new Response(text)
}

/** Tokens with made-up key ids must not become as many requests to a provider that is failing. */
function withCooldown(download: FetchImplementation): FetchImplementation {
  let failure: { readonly error: unknown; readonly until: number } | undefined
  return async (url, options) => {
    if (failure && performance.now() < failure.until) throw failure.error
    try {
      const response = await download(url, options)
      if (!response.ok) throw new Error(`the key set was answered with status ${response.status}`)
      return response
    } catch (error) {
      failure = { error, until: performance.now() + FAILURE_COOLDOWN_MS }
      throw error
    }
  }
}
