import { expect, test } from 'vitest'
import { isDirectFromThisMachine } from './direct-request.ts'

test.each(['127.0.0.1:4000', 'localhost:4000', 'LOCALHOST', '[::1]:4000'])(
  'a request to %s that nobody forwarded is direct',
  (host) => {
    const headers = { host, accept: '*/*', 'x-request-id': 'request-1', 'user-agent': 'curl' }
    expect(isDirectFromThisMachine(headers)).toBe(true)
  },
)

test.each(['bulkhead.example', '192.168.0.7:4000', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
  'a request to the host "%s" is not',
  (host) => {
    expect(isDirectFromThisMachine({ host })).toBe(false)
  },
)

test('a request without a host is not', () => {
  expect(isDirectFromThisMachine({})).toBe(false)
})

test.each([
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-envoy-external-address',
  'cf-connecting-ip',
  'true-client-ip',
  'client-ip',
  'fastly-client-ip',
  'x-azure-clientip',
  'x-remote-addr',
  'x-scheme',
])('%s says that a proxy forwarded the request', (name) => {
  expect(isDirectFromThisMachine({ host: 'localhost', [name]: '' })).toBe(false)
})

test.each(['http://localhost:4000', 'http://127.0.0.1:4000', 'http://localhost:5173', 'https://localhost'])(
  'a page of %s is of this machine',
  (origin) => {
    expect(isDirectFromThisMachine({ host: 'localhost:4000', origin })).toBe(true)
  },
)

test.each(['http://devbox.lan:5173', 'https://app.example', 'http://localhost.evil.example', 'null', ''])(
  'a page of "%s" is not',
  (origin) => {
    expect(isDirectFromThisMachine({ host: 'localhost:4000', origin })).toBe(false)
  },
)
