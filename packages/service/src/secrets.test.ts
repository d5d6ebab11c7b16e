import fc from 'fast-check'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { ServiceError } from './errors.ts'
import { createSecretCheck, GATEWAY_SECRET_HEADER, requireBearer, requireGatewaySecret } from './secrets.ts'

const OLD = 'old-secret-000001'
const NEW = 'new-secret-000002'

test('both secrets of a rotation are accepted, and nothing else', () => {
  const check = createSecretCheck([NEW, OLD])
  expect([check(NEW), check(OLD)]).toEqual([true, true])
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), (presented) => {
      expect(check(presented)).toBe(presented === NEW || presented === OLD)
    }),
  )
})

test('a check without a secret cannot be made: it would accept or refuse everybody', () => {
  expect(() => createSecretCheck([])).toThrow(RangeError)
  expect(() => createSecretCheck([''])).toThrow(RangeError)
})

async function status(headers: Record<string, string>) {
  const app = fastify()
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof ServiceError ? error.httpStatus : 500).send(),
  )
  const check = createSecretCheck([NEW])
  app.get('/bearer', { onRequest: requireBearer(check) }, () => 'in')
  app.get('/gateway', { onRequest: requireGatewaySecret(check) }, () => 'in')
  const answers = await Promise.all(['/bearer', '/gateway'].map((url) => app.inject({ url, headers })))
  return answers.map((answer) => answer.statusCode)
}

test('each hook takes its own header only', async () => {
  expect(await status({ authorization: `Bearer ${NEW}` })).toEqual([200, 401])
  expect(await status({ [GATEWAY_SECRET_HEADER]: NEW })).toEqual([401, 200])
  expect(await status({ authorization: NEW })).toEqual([401, 401])
  expect(await status({ authorization: `Basic ${NEW}` })).toEqual([401, 401])
  expect(await status({})).toEqual([401, 401])
})
