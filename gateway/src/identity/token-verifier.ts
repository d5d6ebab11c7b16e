import type { Clock } from '@bulkhead/service/clock'
import { COMMON_ERRORS, ServiceError, serviceError } from '@bulkhead/service/errors'
import type { Identity } from '@bulkhead/service/identity/identity'
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { GATEWAY_ERRORS } from '../errors.ts'
import { DEVELOPMENT_ALGORITHM, verifyDevelopmentToken } from './development-token.ts'
import type { JsonWebKeys } from './json-web-keys.ts'

/** Signed with a private key: a public key must never be taken for a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export const SCOPES_CLAIMS = ['scope', 'scp', 'permissions'] as const
export type ScopesClaim = (typeof SCOPES_CLAIMS)[number]

/** What a client's token must be. */
export type TokenRules = {
  readonly issuer: string
  readonly audience: string
  readonly scopesClaim: ScopesClaim
  /** How far the issuer's clock may be off. */
  readonly clockSkewMs: number
}

export type VerifiedToken = {
  readonly identity: Identity
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Verifies a client's token.
 * @throws ServiceError UNAUTHENTICATED where it is not valid, and IDENTITY_UNAVAILABLE where that cannot be found out
 */
export type VerifyToken = (token: string) => Promise<VerifiedToken>

/** Without `issued`, and without the secret of development, no token is valid. */
export function createTokenVerifier(options: {
  /** Tokens of an identity provider; null where there is none. */
  readonly issued: { readonly rules: TokenRules; readonly keys: JsonWebKeys } | null
  /** The secret of development tokens; null where they are not accepted. */
  readonly developmentSecret: string | null
  readonly clock: Clock
}): VerifyToken {
  const { issued, developmentSecret, clock } = options

  async function verify(token: string): Promise<VerifiedToken> {
    const now = new Date(clock.now())
    // Which algorithm the token names decides only who verifies it: each accepts its own algorithms and no others.
    if (developmentSecret !== null && algorithmOf(token) === DEVELOPMENT_ALGORITHM) {
      return readClaims(await verifyDevelopmentToken(token, developmentSecret, now), {
        scopesClaim: 'scope',
        clockSkewMs: 0,
      })
    }
    if (issued === null) throw refusal('this gateway knows no issuer of tokens')
    const { rules, keys } = issued
    const { payload } = await jwtVerify(token, keys.keyOf, {
      algorithms: ALGORITHMS,
      issuer: rules.issuer,
      audience: rules.audience,
      clockTolerance: rules.clockSkewMs / 1_000,
      currentDate: now,
      requiredClaims: ['exp'],
    })
    return readClaims(payload, rules)
  }

  return async (token) => {
    try {
      return await verify(token)
    } catch (error) {
      throw explain(error)
    }
  }
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg
  } catch (error) {
    throw refusal('it is not a JSON Web Token', error)
  }
}

const claimsSchema = z.object({ sub: z.string().min(1).max(256), exp: z.number() })
const scopesSchema = z.union([z.string(), z.array(z.string())]).default('')

function readClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: Pick<TokenRules, 'scopesClaim' | 'clockSkewMs'>,
): VerifiedToken {
  const { sub, exp } = claimsSchema.parse(claims)
  const scopes = scopesSchema.parse(claims[rules.scopesClaim])
  // As text with spaces or as a list, since issuers differ.
  const names = (typeof scopes === 'string' ? [scopes] : scopes).flatMap((some) => some.split(' '))
  return {
    identity: { subject: sub, scopes: new Set(names.filter((name) => name !== '')) },
    expiresAt: exp * 1_000 + rules.clockSkewMs,
  }
}

function explain(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  const why = mistakeOf(error)
  return why === undefined
    ? serviceError(GATEWAY_ERRORS.IDENTITY_UNAVAILABLE, undefined, undefined, error)
    : refusal(why, error)
}

/** What is wrong with the token; undefined where the error is not about the token. */
function mistakeOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim "${error.claim}" is missing or wrong`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'its key is not known'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong'
  if (error instanceof z.ZodError) return 'its claims have the wrong form'
  const malformed = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported]
  return malformed.some((type) => error instanceof type) ? 'it is not a JSON Web Token' : undefined
}

function refusal(why: string, cause?: unknown): ServiceError {
  return serviceError(
    COMMON_ERRORS.UNAUTHENTICATED,
    `The token in the Authorization header is refused: ${why}.`,
    undefined,
    cause,
  )
}
