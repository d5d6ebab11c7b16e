import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { COMMON_ERRORS, serviceError } from './errors.ts'

/** The header with the secret by which a subgraph recognises its gateway. */
export const GATEWAY_SECRET_HEADER = 'x-bulkhead-gateway-secret'

export type SecretCheck = (presented: string | undefined) => boolean

function digest(text: string) {
  return createHash('sha256').update(text).digest()
}

/**
 * Compares in constant time: digests have one length, and every secret is compared each time.
 * @param secrets one, or two during a rotation
 */
export function createSecretCheck(secrets: readonly string[]): SecretCheck {
  if (secrets.length === 0 || secrets.includes('')) throw new RangeError('a secret check needs secrets')
  const accepted = secrets.map(digest)
  return (presented) => {
    const candidate = digest(presented ?? '')
    let matches = false
    for (const secret of accepted) matches = timingSafeEqual(secret, candidate) || matches
    return matches && presented !== undefined
  }
}

/** The secret of `Authorization: Bearer …`; undefined where there is none. */
function bearerToken({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/**
 * An `onRequest` hook that checks `Authorization: Bearer …`. It runs before the body is read, so that a caller without
 * the secret cannot make the service parse anything.
 */
export function requireBearer(
  check: (presented: string | undefined, request: FastifyRequest) => boolean,
): onRequestHookHandler {
  return (request, _reply, done) => {
    if (check(bearerToken(request), request)) return done()
    done(
      serviceError(
        COMMON_ERRORS.UNAUTHENTICATED,
        'Send `Authorization: Bearer <secret>` with a secret of this endpoint.',
      ),
    )
  }
}

/** An `onRequest` hook: only the gateway may call a subgraph's GraphQL endpoint. */
export function requireGatewaySecret(check: SecretCheck): onRequestHookHandler {
  return (request, _reply, done) => {
    const presented = request.headers[GATEWAY_SECRET_HEADER]
    if (check(typeof presented === 'string' ? presented : undefined)) return done()
    done(
      serviceError(
        COMMON_ERRORS.UNAUTHENTICATED,
        `This subgraph answers its gateway only: send ${GATEWAY_SECRET_HEADER} with the secret that both share.`,
      ),
    )
  }
}
