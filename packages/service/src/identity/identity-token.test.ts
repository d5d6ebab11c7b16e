import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { createIdentitySigner, createIdentityVerifier } from './identity-token.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const { privateKey: otherKey } = generateKeyPairSync('ed25519')
let now = Date.now()
const clock = { now: () => now }
const sign = createIdentitySigner({ keyId: 'k1', privateKey, clock })
const verify = createIdentityVerifier({
  publicKeys: new Map([['k1', publicKey]]),
  audience: 'experimentation',
  clock,
})
const identity = { subject: 'ann', scopes: new Set(['experiments:read', 'users:any']) }

const refused = { name: 'ServiceError', code: 'UNAUTHENTICATED', httpStatus: 401 }

async function forge(
  changes: (token: SignJWT) => SignJWT,
  key = privateKey,
  header: { kid?: string } = { kid: 'k1' },
): Promise<string> {
  const token = new SignJWT({ scope: 'users:any' })
    .setProtectedHeader({ alg: 'EdDSA', ...header })
    .setIssuer('bulkhead-gateway')
    .setAudience('experimentation')
    .setSubject('ann')
    .setExpirationTime('1m')
  return changes(token).sign(key)
}

test('a subgraph reads the identity that the gateway has signed for it, also a second time', async () => {
  const token = await sign(identity, 'experimentation')
  expect(await verify(token)).toEqual(identity)
  expect(await verify(token)).toEqual(identity)
})

test('no header is anonymous', async () => {
  expect(await verify(undefined)).toBeNull()
})

test('a token without scopes has none', async () => {
  const token = await sign({ subject: 'ann', scopes: new Set() }, 'experimentation')
  expect(await verify(token)).toEqual({ subject: 'ann', scopes: new Set() })
})

test('a token for another subgraph is refused', async () => {
  await expect(verify(await sign(identity, 'personalization'))).rejects.toMatchObject(refused)
})

test.each([
  ['an empty one', ''],
  ['not a token', 'ann'],
  ['two headers', ['a', 'b']],
])('%s is refused and not taken for anonymous', async (_, header) => {
  await expect(verify(header)).rejects.toMatchObject(refused)
})

test('a forged token is refused: other key, issuer, key id, subject or an end in the past', async () => {
  const forged = await Promise.all([
    forge((token) => token, otherKey),
    forge((token) => token.setIssuer('someone')),
    forge((token) => token, privateKey, { kid: 'k2' }),
    forge((token) => token, privateKey, {}),
    forge((token) => token.setSubject('')),
    forge((token) => token.setExpirationTime('-1m')),
  ])
  expect(await verify(await forge((token) => token))).toMatchObject({ subject: 'ann' })
  for (const token of forged) await expect(verify(token)).rejects.toMatchObject(refused)
})

test('a token that never ends is refused', async () => {
  const token = await new SignJWT({ scope: '' })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setIssuer('bulkhead-gateway')
    .setAudience('experimentation')
    .setSubject('ann')
    .sign(privateKey)
  await expect(verify(token)).rejects.toMatchObject(refused)
})

test('unsigned tokens, and those signed with the public key as if it were a secret, are refused', async () => {
  const claims = {
    iss: 'bulkhead-gateway',
    aud: 'experimentation',
    sub: 'ann',
    scope: '',
    exp: 9_999_999_999,
  }
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const none = `${encode({ alg: 'none', kid: 'k1' })}.${encode(claims)}.`
  const signed = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claims)}`
  const secret = publicKey.export({ format: 'pem', type: 'spki' })
  const hmac = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  for (const token of [none, hmac]) await expect(verify(token)).rejects.toMatchObject(refused)
})

test('a token ends after three minutes, also where it is remembered', async () => {
  const token = await sign(identity, 'experimentation')
  now += 179_000
  expect(await verify(token)).toEqual(identity)
  now += 7_000
  await expect(verify(token)).rejects.toMatchObject(refused)
})
