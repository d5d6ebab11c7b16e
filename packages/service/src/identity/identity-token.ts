import type { KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { COMMON_ERRORS, serviceError } from '../errors.ts'
import type { Identity } from './identity.ts'

/** The header in which the gateway tells a subgraph who the caller is. */
export const IDENTITY_HEADER = 'x-bulkhead-identity'

const ISSUER = 'bulkhead-gateway'
const ALGORITHM = 'EdDSA'
/** Longer than the gateway uses one token for many requests and the longest of these takes. */
const LIFETIME_S = 180
/** Between the clocks of two machines. */
const CLOCK_TOLERANCE_S = 5
/** Upper bound on tokens that a subgraph remembers as verified; the least recently used go. */
const MAX_REMEMBERED = 10_000

const claimsSchema = z.object({ sub: z.string().min(1), scope: z.string(), exp: z.number() })

/** Makes the token that tells the subgraphs that are its audience who the caller is. */
export type SignIdentity = (identity: Identity, audience: string | string[]) => Promise<string>

export function createIdentitySigner(options: {
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly clock: Clock
}): SignIdentity {
  const { keyId, privateKey, clock } = options
  return ({ subject, scopes }, audience) =>
    new SignJWT({ scope: [...scopes].join(' ') })
      .setProtectedHeader({ alg: ALGORITHM, kid: keyId })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(subject)
      .setExpirationTime(Math.floor(clock.now() / 1_000) + LIFETIME_S)
      .sign(privateKey)
}

/**
 * Reads the header: null where it is missing, which means anonymous.
 * @throws ServiceError UNAUTHENTICATED for every token that is not a valid one of the gateway for this audience
 */
export type VerifyIdentity = (header: string | string[] | undefined) => Promise<Identity | null>

/**
 * Verifies each token once and remembers it until it expires, since a gateway sends one for many requests.
 * @param options.publicKeys the gateway's, by key id
 */
export function createIdentityVerifier(options: {
  readonly publicKeys: ReadonlyMap<string, KeyObject>
  readonly audience: string
  readonly clock: Clock
}): VerifyIdentity {
  const { publicKeys, audience, clock } = options
  const verified = new LRUCache<string, { readonly identity: Identity; readonly expiresAt: number }>({
    max: MAX_REMEMBERED,
  })

  async function verify(token: string): Promise<Identity> {
    const { payload } = await jwtVerify(token, ({ kid = '' }) => keyOf(kid), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp'],
    })
    const { sub, scope, exp } = claimsSchema.parse(payload)
    const identity = { subject: sub, scopes: new Set(scope.split(' ').filter((name) => name !== '')) }
    verified.set(token, { identity, expiresAt: exp * 1_000 })
    return identity
  }

  function keyOf(id: string): KeyObject {
    const key = publicKeys.get(id)
    if (key === undefined) throw new errors.JWKSNoMatchingKey()
    return key
  }

  return async (header) => {
    if (header === undefined) return null
    const token = typeof header === 'string' ? header : ''
    const known = verified.get(token)
    if (known !== undefined && clock.now() < known.expiresAt) return known.identity
    try {
      return await verify(token)
    } catch (error) {
      throw serviceError(
        COMMON_ERRORS.UNAUTHENTICATED,
        `${IDENTITY_HEADER} is not a valid identity of this gateway.`,
        undefined,
        error,
      )
    }
  }
}
