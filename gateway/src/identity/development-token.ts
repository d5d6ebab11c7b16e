import { type JWTPayload, jwtVerify, SignJWT } from 'jose'

/*
 * Tokens of `npm run token`, for development only: signed with a secret that the launcher keeps in the data folder.
 */

const ISSUER = 'bulkhead-development'
const AUDIENCE = 'bulkhead-gateway'
export const DEVELOPMENT_ALGORITHM = 'HS256'

function keyOf(secret: string): Uint8Array {
  return new TextEncoder().encode(secret)
}

export function signDevelopmentToken(options: {
  readonly secret: string
  readonly subject: string
  readonly scopes: readonly string[]
  readonly lifetimeS: number
}): Promise<string> {
  const { secret, subject, scopes, lifetimeS } = options
  return new SignJWT({ scope: scopes.join(' ') })
    .setProtectedHeader({ alg: DEVELOPMENT_ALGORITHM })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(subject)
    .setExpirationTime(`${lifetimeS}s`)
    .sign(keyOf(secret))
}

/** Its claims. @throws JOSEError where it is not valid at this time */
export async function verifyDevelopmentToken(token: string, secret: string, now: Date): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keyOf(secret), {
    algorithms: [DEVELOPMENT_ALGORITHM],
    issuer: ISSUER,
    audience: AUDIENCE,
    currentDate: now,
    requiredClaims: ['exp'],
  })
  return payload
}
