import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, type JWTPayload, SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { signDevelopmentToken } from './development-token.ts'
import { createJsonWebKeys } from './json-web-keys.ts'
import { createTokenVerifier, type TokenRules } from './token-verifier.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const DEVELOPMENT_SECRET = 'dev-secret-of-at-least-32-characters'
const clock = { now: () => Date.now() }
const RULES: TokenRules = {
  issuer: 'https://issuer.example/',
  audience: 'bulkhead',
  scopesClaim: 'scope',
  clockSkewMs: 30_000,
}
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsa2 = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

async function jwk(key: KeyObject, kid: string, alg: string) {
  return { ...(await exportJWK(key)), kid, alg, use: 'sig' }
}

/** An issuer's endpoint for keys, which counts its downloads. */
async function serveKeys(respond: RequestListener) {
  let downloads = 0
  const server = createServer((request, response) => {
    downloads += 1
    respond(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/keys`, downloads: () => downloads }
}

async function issuer(rules: Partial<TokenRules> = {}, cooldownMs?: number) {
  const current = { keys: [await jwk(rsa.publicKey, 'k1', 'RS256'), await jwk(ec.publicKey, 'k2', 'ES256')] }
  const served = await serveKeys((_, response) => response.end(JSON.stringify(current)))
  const keys = createJsonWebKeys(served.url, cooldownMs)
  const verify = createTokenVerifier({
    issued: { rules: { ...RULES, ...rules }, keys },
    developmentSecret: null,
    clock,
  })
  return { ...served, verify, keys, current }
}

type Changes = {
  readonly claims?: JWTPayload
  readonly header?: { readonly alg?: string; readonly kid?: string }
  readonly key?: KeyObject
}

function token({ claims = {}, header = {}, key = rsa.privateKey }: Changes = {}): Promise<string> {
  const inAMinute = Math.floor(Date.now() / 1_000) + 60
  const all = { iss: RULES.issuer, aud: RULES.audience, sub: 'ann', exp: inAMinute, ...claims }
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key)
}

function refused(why: string) {
  return {
    name: 'ServiceError',
    code: 'UNAUTHENTICATED',
    httpStatus: 401,
    message: `The token in the Authorization header is refused: ${why}.`,
  }
}

test('a token of the issuer names its user and scopes, and when it ends', async () => {
  const { verify } = await issuer()
  const exp = Math.floor(Date.now() / 1_000) + 60
  const verified = await verify(await token({ claims: { exp, scope: 'models:read  audit:read' } }))
  expect(verified).toEqual({
    identity: { subject: 'ann', scopes: new Set(['models:read', 'audit:read']) },
    expiresAt: exp * 1_000 + 30_000,
  })
  const signed = await token({ header: { alg: 'ES256', kid: 'k2' }, key: ec.privateKey })
  expect(await verify(signed)).toMatchObject({ identity: { scopes: new Set() } })
})

test.each([
  ['scp', { scp: ['a', 'b'] }],
  ['scp', { scp: 'a b' }],
  ['permissions', { permissions: ['a', 'b'] }],
  ['scope', { scope: ['a b'] }],
] as const)(
  'scopes come from %s, as text or as a list, and from no other claim',
  async (scopesClaim, claims) => {
    const { verify } = await issuer({ scopesClaim })
    const everywhere = { scope: 'x', scp: 'x', permissions: ['x'] }
    const { identity } = await verify(await token({ claims: { ...everywhere, ...claims } }))
    expect([...identity.scopes]).toEqual(['a', 'b'])
  },
)

const past = Math.floor(Date.now() / 1_000) - 60
test.each<[string, Changes, string]>([
  ['expired', { claims: { exp: past } }, 'it has expired'],
  ['not valid yet', { claims: { nbf: past + 3_600 } }, 'its claim "nbf" is missing or wrong'],
  ['for another audience', { claims: { aud: 'elsewhere' } }, 'its claim "aud" is missing or wrong'],
  ['of another issuer', { claims: { iss: 'https://evil.example/' } }, 'its claim "iss" is missing or wrong'],
  ['without a user', { claims: { sub: undefined } as never }, 'its claims have the wrong form'],
  ['with scopes of a wrong form', { claims: { scope: 7 } }, 'its claims have the wrong form'],
  ['without an end', { claims: { exp: undefined } as never }, 'its claim "exp" is missing or wrong'],
  ['signed by somebody else', { key: rsa2.privateKey }, 'its signature is wrong'],
  ['of a key that nobody knows', { header: { kid: 'k9' } }, 'its key is not known'],
  ['of another algorithm than its key', { header: { alg: 'PS256' } }, 'its key is not known'],
])('a token that is %s is refused', async (_, changes, why) => {
  const { verify } = await issuer()
  await expect(verify(await token(changes))).rejects.toMatchObject(refused(why))
})

function unsigned(header: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1_000) + 60
  return `${encode(header)}.${encode({ iss: RULES.issuer, aud: RULES.audience, sub: 'ann', exp })}`
}

test('a token without a signature, or signed with the public key as a secret, is refused', async () => {
  const { verify } = await issuer()
  await expect(verify(`${unsigned({ alg: 'none' })}.`)).rejects.toMatchObject(
    refused('its algorithm is not accepted'),
  )
  const text = unsigned({ alg: 'HS256', kid: 'k1' })
  for (const secret of [
    rsa.publicKey.export({ format: 'pem', type: 'spki' }),
    rsa.publicKey.export({ format: 'der', type: 'spki' }),
    JSON.stringify(await exportJWK(rsa.publicKey)),
  ]) {
    const signature = createHmac('sha256', secret).update(text).digest('base64url')
    await expect(verify(`${text}.${signature}`)).rejects.toMatchObject(
      refused('its algorithm is not accepted'),
    )
  }
})

test.each(['x', 'a.b.c', 'a.b', '..', 'é'])('%s is not a token', async (text) => {
  const { verify } = await issuer()
  await expect(verify(text)).rejects.toMatchObject(refused('it is not a JSON Web Token'))
})

test('a clock that is off by less than the skew does not matter', async () => {
  const { verify } = await issuer()
  const exp = Math.floor(Date.now() / 1_000) - 25
  expect(await verify(await token({ claims: { exp } }))).toMatchObject({ identity: { subject: 'ann' } })
})

test('a new key is found when its first token comes, and a withdrawn one is refused after a reload', async () => {
  const { verify, keys, current, downloads } = await issuer({}, 0)
  await verify(await token())
  expect(downloads()).toBe(1)
  current.keys = [await jwk(rsa2.publicKey, 'k3', 'RS256')]
  await verify(await token({ header: { kid: 'k3' }, key: rsa2.privateKey }))
  expect(downloads()).toBe(2)
  await expect(verify(await token())).rejects.toMatchObject(refused('its key is not known'))

  current.keys = []
  await keys.reload()
  await expect(verify(await token({ header: { kid: 'k3' }, key: rsa2.privateKey }))).rejects.toMatchObject(
    refused('its key is not known'),
  )
})

test('unknown key ids do not cause a download each', async () => {
  const { verify, downloads } = await issuer()
  for (let index = 0; index < 10; index += 1) {
    await expect(verify(await token({ header: { kid: `x${index}` } }))).rejects.toMatchObject(
      refused('its key is not known'),
    )
  }
  expect(downloads()).toBe(1)
})

test('while the issuer fails, tokens do not become a request to it each', async () => {
  const { url, downloads } = await serveKeys((_, response) => response.writeHead(500).end())
  const keys = createJsonWebKeys(url, 0)
  const verify = createTokenVerifier({ issued: { rules: RULES, keys }, developmentSecret: null, clock })
  for (let index = 0; index < 5; index += 1) {
    await expect(verify(await token())).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' })
  }
  expect(downloads()).toBe(1)
})

test('keys stay in use while the issuer is away', async () => {
  let up = true
  const set = { keys: [await jwk(rsa.publicKey, 'k1', 'RS256')] }
  const { url } = await serveKeys((_, response) => {
    response.statusCode = up ? 200 : 500
    response.end(JSON.stringify(set))
  })
  const keys = createJsonWebKeys(url, 0)
  const verify = createTokenVerifier({ issued: { rules: RULES, keys }, developmentSecret: null, clock })
  await verify(await token())
  up = false
  await expect(keys.reload()).rejects.toThrow()
  expect(await verify(await token())).toMatchObject({ identity: { subject: 'ann' } })
})

test.each<[string, RequestListener]>([
  ['fails', (_, response) => response.writeHead(500).end()],
  ['gives no keys', (_, response) => response.end('<html>')],
  ['closes the connection', (request) => request.socket.destroy()],
  ['redirects', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  [
    'gives more than 256 KiB',
    (_, response) => {
      const text = JSON.stringify({ keys: [{ kty: 'oct', k: 'x'.repeat(300_000) }] })
      response.end(text)
    },
  ],
])('where the issuer %s, the token is not refused: it cannot be verified now', async (_, respond) => {
  const { url } = await serveKeys(respond)
  const keys = createJsonWebKeys(url)
  const verify = createTokenVerifier({ issued: { rules: RULES, keys }, developmentSecret: null, clock })
  const failed = await verify(await token()).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'IDENTITY_UNAVAILABLE', httpStatus: 503, retryable: true })
  expect(String(failed)).not.toMatch(/127\.0\.0\.1|keys"/)
})

test('an issuer that is slow to answer is given up', async () => {
  // It sends a byte now and then, so that only a limit to the whole download ends it.
  const timers: NodeJS.Timeout[] = []
  const { url } = await serveKeys((_, response) => {
    response.write('{')
    timers.push(setInterval(() => response.write(' '), 20))
  })
  const keys = createJsonWebKeys(url, 0, 200)
  const verify = createTokenVerifier({ issued: { rules: RULES, keys }, developmentSecret: null, clock })
  await expect(verify(await token())).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' })
  for (const timer of timers) clearInterval(timer)
})

test('without an issuer every token is refused', async () => {
  const verify = createTokenVerifier({ issued: null, developmentSecret: null, clock })
  for (const text of [await token(), 'x']) {
    await expect(verify(text)).rejects.toMatchObject(refused('this gateway knows no issuer of tokens'))
  }
})

function developmentToken(lifetimeS = 60, secret = DEVELOPMENT_SECRET): Promise<string> {
  return signDevelopmentToken({ secret, subject: 'bob', scopes: ['audit:read'], lifetimeS })
}

test('development tokens are accepted beside those of an issuer, where there is a secret for them', async () => {
  const { verify: withoutSecret, keys } = await issuer()
  const issued = { rules: { ...RULES, scopesClaim: 'permissions' as const }, keys }
  const verify = createTokenVerifier({ issued, developmentSecret: DEVELOPMENT_SECRET, clock })
  expect(await verify(await developmentToken())).toMatchObject({
    identity: { subject: 'bob', scopes: new Set(['audit:read']) },
  })
  expect(await verify(await token())).toMatchObject({ identity: { subject: 'ann' } })
  await expect(withoutSecret(await developmentToken())).rejects.toMatchObject(
    refused('its algorithm is not accepted'),
  )
})

test('a development token with another secret, or an end in the past, is refused', async () => {
  const verify = createTokenVerifier({ issued: null, developmentSecret: DEVELOPMENT_SECRET, clock })
  await expect(verify(await developmentToken(60, `${DEVELOPMENT_SECRET}2`))).rejects.toMatchObject(
    refused('its signature is wrong'),
  )
  await expect(verify(await developmentToken(-1))).rejects.toMatchObject(refused('it has expired'))
})
