import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { expect, test } from 'vitest'
import { createAuthenticate } from './authenticate.ts'

const DEVELOPER = { subject: 'dev', scopes: new Set(['users:any']) }
const DIRECT = { host: '127.0.0.1:4000' }

/** A token is the name of its user; "bad" is refused. */
function setUp(options: { readonly developer?: boolean; readonly lifetimeMs?: number } = {}) {
  let now = 1_000_000
  const verified: string[] = []
  let signed = 0
  const authenticate = createAuthenticate({
    async verify(token) {
      verified.push(token)
      if (token === 'bad') throw serviceError(COMMON_ERRORS.UNAUTHENTICATED)
      const identity = { subject: token, scopes: new Set<string>() }
      return { identity, expiresAt: now + (options.lifetimeMs ?? 3_600_000) }
    },
    forward: {
      audiences: ['personalization', 'experimentation'],
      async sign({ subject }, audience) {
        signed += 1
        return `${subject} for ${audience} ${signed}`
      },
    },
    developmentIdentity: options.developer ? DEVELOPER : null,
    clock: { now: () => now },
  })
  return {
    authenticate,
    verified,
    signed: () => signed,
    wait(ms: number) {
      now += ms
    },
  }
}

test('a token is verified, and a caller is made with an identity for each of our subgraphs', async () => {
  const { authenticate } = setUp()
  expect(await authenticate({ authorization: 'Bearer ann' })).toEqual({
    identity: { subject: 'ann', scopes: new Set() },
    forwarded: new Map([
      ['personalization', 'ann for personalization 1'],
      ['experimentation', 'ann for experimentation 2'],
    ]),
  })
})

test('no token is anonymous', () => {
  const { authenticate, verified } = setUp()
  expect(authenticate(DIRECT)).toBeNull()
  expect(verified).toEqual([])
})

test('a caller is remembered for a minute, so that its identities are signed once', async () => {
  const { authenticate, verified, signed, wait } = setUp()
  const first = await authenticate({ authorization: 'Bearer ann' })
  wait(59_999)
  expect(authenticate({ authorization: 'bearer  ann' })).toBe(first)
  expect([verified.length, signed()]).toEqual([1, 2])
  wait(1)
  expect(await authenticate({ authorization: 'Bearer ann' })).not.toBe(first)
  expect([verified.length, signed()]).toEqual([2, 4])
})

test('a caller is not remembered for longer than its token lasts', async () => {
  const { authenticate, verified, wait } = setUp({ lifetimeMs: 5_000 })
  await authenticate({ authorization: 'Bearer ann' })
  wait(5_000)
  await authenticate({ authorization: 'Bearer ann' })
  expect(verified).toEqual(['ann', 'ann'])
})

test('what is refused is not remembered, and never becomes anonymous or the developer', async () => {
  const { authenticate, verified } = setUp({ developer: true })
  for (let time = 0; time < 2; time += 1) {
    await expect(authenticate({ ...DIRECT, authorization: 'Bearer bad' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
  }
  expect(verified).toEqual(['bad', 'bad'])
})

test.each(['', 'Bearer', 'Bearer ', 'Basic dXNlcg==', 'ann', 'Bearer a b', `Bearer ${'x'.repeat(8_193)}`])(
  'the header "%.20s" is refused',
  (authorization) => {
    const { authenticate, verified } = setUp({ developer: true })
    expect(() => authenticate({ ...DIRECT, authorization })).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    )
    expect(verified).toEqual([])
  },
)

test('a direct request without a token is the developer, where there is one', async () => {
  const { authenticate } = setUp({ developer: true })
  const developer = await authenticate(DIRECT)
  expect(developer).toMatchObject({ identity: DEVELOPER })
  expect(authenticate(DIRECT)).toBe(developer)
  expect(authenticate({ ...DIRECT, 'x-forwarded-for': '10.0.0.1' })).toBeNull()
  expect(authenticate({ host: 'bulkhead.example' })).toBeNull()
  expect(await authenticate({ ...DIRECT, authorization: 'Bearer ann' })).toMatchObject({
    identity: { subject: 'ann' },
  })
})

test('a gateway that stands alone signs nothing', async () => {
  const authenticate = createAuthenticate({
    verify: async () => ({ identity: DEVELOPER, expiresAt: Number.POSITIVE_INFINITY }),
    forward: null,
    developmentIdentity: null,
    clock: { now: () => 0 },
  })
  expect(await authenticate({ authorization: 'Bearer x' })).toMatchObject({ forwarded: new Map() })
})
