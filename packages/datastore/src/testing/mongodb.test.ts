import { expect, test, vi } from 'vitest'
import { findTestMongo } from './mongodb.ts'

function withEnvironment(env: Record<string, string>) {
  for (const name of [
    'TEST_MONGODB_URL',
    'MONGOMS_SYSTEM_BINARY',
    'BULKHEAD_MONGOD_DOWNLOAD',
    'REQUIRE_MONGODB',
  ]) {
    vi.stubEnv(name, env[name] ?? '')
  }
  vi.stubEnv('PATH', env.PATH ?? '')
  try {
    return findTestMongo()
  } finally {
    vi.unstubAllEnvs()
  }
}

test('a URL comes before a binary, a binary before a download', () => {
  const env = { TEST_MONGODB_URL: 'mongodb://h', MONGOMS_SYSTEM_BINARY: '/m', BULKHEAD_MONGOD_DOWNLOAD: '1' }
  expect(withEnvironment(env)).toEqual({ kind: 'url', url: 'mongodb://h' })
  expect(withEnvironment({ ...env, TEST_MONGODB_URL: '' })).toEqual({ kind: 'binary', path: '/m' })
  expect(withEnvironment({ BULKHEAD_MONGOD_DOWNLOAD: '1' })).toEqual({ kind: 'download' })
})

test('with none it is skipped with the reason, or an error where MongoDB is required', () => {
  expect(withEnvironment({})).toEqual({
    kind: 'skipped',
    reason: expect.stringContaining('npm run test:mongodb'),
  })
  expect(() => withEnvironment({ REQUIRE_MONGODB: '1' })).toThrow('REQUIRE_MONGODB=1')
})
