import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'

/** What a gateway needs to know of it, as settings. */
export type ProviderSettings = Readonly<Record<'JWKS_URL' | 'JWT_ISSUER' | 'JWT_AUDIENCE', string>>

const ISSUER = 'https://bench.example/'
const AUDIENCE = 'bulkhead'
const KEY_ID = 'bench'

/** An identity provider, with the header of a backend that acts for all users. */
export async function startIdentityProvider(
  resources: AsyncDisposableStack,
): Promise<{ readonly settings: ProviderSettings; readonly headers: { readonly authorization: string } }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }]
  const server = createServer((_, response) => response.end(JSON.stringify({ keys })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  resources.defer(() => new Promise((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const token = await new SignJWT({ scope: 'users:any' })
    .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('backend')
    .setExpirationTime('1d')
    .sign(privateKey)
  return {
    settings: { JWKS_URL: `http://127.0.0.1:${port}/`, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE },
    headers: { authorization: `Bearer ${token}` },
  }
}
