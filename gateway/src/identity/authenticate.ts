import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '@bulkhead/service/clock'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import type { Identity } from '@bulkhead/service/identity/identity'
import type { SignIdentity } from '@bulkhead/service/identity/identity-token'
import { LRUCache } from 'lru-cache'
import type { Caller } from './caller.ts'
import { isDirectFromThisMachine } from './direct-request.ts'
import type { VerifyToken } from './token-verifier.ts'

/**
 * Says who sends a request; null for anonymous. A caller that is remembered is returned at once, without a promise: that
 * is so for almost every request.
 * @throws ServiceError for a token that is not valid: a client that sends one does not mean to be anonymous
 */
export type Authenticate = (headers: IncomingHttpHeaders) => Caller | null | Promise<Caller | null>

/**
 * How long a verified token is remembered, and so how long it is still accepted after its key was withdrawn. This time
 * and the longest request together must stay below the lifetime of forwarded identities.
 */
const REMEMBERED_MS = 60_000
/** Upper bound on tokens that are remembered; the least recently used go. */
const MAX_REMEMBERED = 10_000
/** Longer ones would fill the headers to the subgraphs. */
const MAX_TOKEN_LENGTH = 8_192

type Remembered = { readonly caller: Caller; readonly until: number }

/**
 * @param options.forward our own subgraphs, each of which is told who the caller is; null where nobody is told
 * @param options.developmentIdentity for requests without a token, if they come straight from this machine
 */
export function createAuthenticate(options: {
  readonly verify: VerifyToken
  readonly forward: { readonly audiences: readonly string[]; readonly sign: SignIdentity } | null
  readonly developmentIdentity: Identity | null
  readonly clock: Clock
}): Authenticate {
  const { verify, forward, developmentIdentity, clock } = options
  const remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED })

  /** @param key the token; empty for the development identity, which has none */
  function recall(key: string): Caller | undefined {
    const known = remembered.get(key)
    return known !== undefined && clock.now() < known.until ? known.caller : undefined
  }

  async function introduce(key: string, identity: Identity, expiresAt: number): Promise<Caller> {
    const forwarded = new Map<string, string>()
    if (forward !== null) {
      for (const audience of forward.audiences) {
        forwarded.set(audience, await forward.sign(identity, audience))
      }
    }
    const caller = { identity, forwarded }
    remembered.set(key, { caller, until: Math.min(expiresAt, clock.now() + REMEMBERED_MS) })
    return caller
  }

  async function authenticateToken(token: string): Promise<Caller> {
    const { identity, expiresAt } = await verify(token)
    return introduce(token, identity, expiresAt)
  }

  return (headers) => {
    const { authorization } = headers
    if (authorization === undefined) {
      if (developmentIdentity === null || !isDirectFromThisMachine(headers)) return null
      return recall('') ?? introduce('', developmentIdentity, Number.POSITIVE_INFINITY)
    }
    const token = bearerToken(authorization)
    return recall(token) ?? authenticateToken(token)
  }
}

function bearerToken(authorization: string): string {
  const token = /^Bearer +([\w~+/.-]+=*) *$/i.exec(authorization)?.[1]
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) {
    throw serviceError(
      COMMON_ERRORS.UNAUTHENTICATED,
      `Send \`Authorization: Bearer <token>\` with a token of at most ${MAX_TOKEN_LENGTH} characters, or no such header.`,
    )
  }
  return token
}
