import fc from 'fast-check'
import { expect, test } from 'vitest'
import { originOf, postHead } from './post-head.ts'

const URL_OF_SUBGRAPH = new URL('http://subgraph.test:4001/graphql?a=b')

test('a request has its head, its own headers and its body', () => {
  const head = postHead(URL_OF_SUBGRAPH, ['content-type', 'application/json', 'accept', 'application/json'])
  expect(head.withBody(['x-request-id', 'request-1'], '{}').split('\r\n')).toEqual([
    'POST /graphql?a=b HTTP/1.1',
    'host: subgraph.test:4001',
    'content-type: application/json',
    'accept: application/json',
    'x-request-id: request-1',
    'content-length: 2',
    '',
    '{}',
  ])
})

test('the length is that of the bytes, also of halves of characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', 'é', '😀'), (start, end) => {
      const request = postHead(URL_OF_SUBGRAPH, []).withBody([], start + end)
      const [, length, body] = /content-length: (\d+)\r\n\r\n([\s\S]*)$/.exec(request) ?? []
      expect(Number(length)).toBe(Buffer.from(body ?? '').length)
    }),
  )
})

test.each([
  ['a line end', 'x-a', '1\r\nx-b: 2'],
  ['a zero byte', 'x-a', '\0'],
  ['what is not ASCII', 'x-a', 'é'],
  ['a name that is none', 'x a', '1'],
  ['no name', '', '1'],
])('a header with %s is left out of a request, and refused for all of them', (_case, name, value) => {
  expect(postHead(URL_OF_SUBGRAPH, []).withBody([name, value, 'x-c', '3'], '')).toBe(
    'POST /graphql?a=b HTTP/1.1\r\nhost: subgraph.test:4001\r\nx-c: 3\r\ncontent-length: 0\r\n\r\n',
  )
  expect(() => postHead(URL_OF_SUBGRAPH, [name, value])).toThrow('cannot be sent')
})

test.each([
  ['http://subgraph.test/graphql', false, 'subgraph.test', 80],
  ['https://subgraph.test/graphql', true, 'subgraph.test', 443],
  ['https://127.0.0.1:8443/graphql', true, '127.0.0.1', 8443],
  ['http://[::1]:4001/graphql', false, '::1', 4001],
])('%s says where to connect', (url, secure, host, port) => {
  expect(originOf(new URL(url))).toEqual({ secure, host, port })
})

test('the host keeps the brackets of an IPv6 address, and has no port where it is the usual one', () => {
  expect(postHead(new URL('http://[::1]:4001/'), []).withBody([], '')).toContain('\r\nhost: [::1]:4001\r\n')
  expect(postHead(new URL('https://subgraph.test:443/'), []).withBody([], '')).toContain(
    '\r\nhost: subgraph.test\r\n',
  )
})
