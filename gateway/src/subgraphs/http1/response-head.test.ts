import { expect, test } from 'vitest'
import { readResponseHead } from './response-head.ts'

function headOf(...lines: readonly string[]) {
  return readResponseHead(lines.join('\r\n'))
}

test('reads what is needed of a usual head', () => {
  expect(
    headOf(
      'HTTP/1.1 200 OK',
      'Content-Type: application/json; charset=utf-8',
      'content-encoding:gzip',
      'CONTENT-LENGTH: \t27 \t',
      'Date: Sun, 29 Nov 2026 11:00:00 GMT',
      'x-empty:',
      'connection: keep-alive',
      'Keep-Alive: max=100, timeout=5',
    ),
  ).toEqual({
    status: 200,
    mediaType: 'application/json; charset=utf-8',
    encoding: 'gzip',
    body: 27,
    keepsAlive: true,
    idleSeconds: 5,
  })
})

test.each([
  ['HTTP/1.1 200'],
  ['HTTP/1.1 200 '],
  ['HTTP/1.1 503 Service Unavailable'],
  ['HTTP/1.1 299 Ça va'],
])('%j is a status line', (line) => {
  expect(headOf(line)).toMatchObject({
    body: 'until-close',
    keepsAlive: false,
    mediaType: '',
    idleSeconds: null,
  })
})

test.each([
  [''],
  ['HTTP/1.1'],
  ['HTTP/1.1 20 OK'],
  ['HTTP/1.1 2000'],
  ['HTTP/1.1 099 Early'],
  ['HTTP/1.1  200 OK'],
  ['HTTP/2 200'],
  ['HTTP/1.2 200 OK'],
  ['http/1.1 200 OK'],
  [' HTTP/1.1 200 OK'],
  ['ICY 200 OK'],
])('%j is no status line', (line) => {
  expect(headOf(line, 'content-length: 0')).toBe('the answer is not HTTP/1.1')
})

test('headers that are sent twice are read as one', () => {
  expect(
    headOf(
      'HTTP/1.1 200 OK',
      'content-type: application/json',
      'content-type: text/html',
      'content-encoding: gzip',
      'content-encoding: br',
      'content-length: 2',
      'content-length: 2',
      'connection: keep-alive',
      'connection: close',
    ),
  ).toMatchObject({
    mediaType: 'application/json, text/html',
    encoding: 'gzip, br',
    body: 2,
    keepsAlive: false,
  })
})

test.each([
  ['two lengths', ['content-length: 2', 'content-length: 3']],
  ['a list of lengths', ['content-length: 2, 3']],
  ['a length and chunks', ['content-length: 2', 'transfer-encoding: chunked']],
  ['chunks and a length', ['transfer-encoding: chunked', 'Content-Length: 2']],
  ['chunks twice', ['transfer-encoding: chunked', 'transfer-encoding: chunked']],
  ['compressed chunks', ['transfer-encoding: gzip, chunked']],
  ['no chunks at the end', ['transfer-encoding: chunked, identity']],
  ['a negative length', ['content-length: -1']],
  ['a length with a sign', ['content-length: +1']],
  ['a hexadecimal length', ['content-length: 0x10']],
  ['a length in exponents', ['content-length: 1e3']],
  ['a length beyond every number', [`content-length: ${'9'.repeat(30)}`]],
  ['an empty length', ['content-length:']],
  ['a length with a no-break space', ['content-length: 2\xa0']],
  ['a folded header', ['x-a: 1', ' 2', 'content-length: 0']],
  ['a folded length', ['content-length: 1', ' : 2']],
  ['a space before the colon', ['content-length : 2']],
  ['a header without a colon', ['content-length']],
  ['a header without a name', [': 2']],
  ['a line feed alone', ['x-a: 1\ncontent-length: 2']],
  ['a carriage return alone', ['x-a: 1\rcontent-length: 2']],
  ['a carriage return too many', ['content-length: 2\r']],
  ['a zero byte', ['x-a: \0']],
  ['a name that is not ASCII', ['contént-length: 2']],
] satisfies [string, string[]][])('a head with %s is refused', (_name, lines) => {
  expect(headOf('HTTP/1.1 200 OK', ...lines)).toBeTypeOf('string')
})

test.each([
  ['a length', ['content-length: 2'], true],
  ['chunks', ['transfer-encoding: Chunked'], true],
  ['a body until the close', [], false],
  ['a close', ['content-length: 2', 'connection: Close'], false],
  ['a close among others', ['content-length: 2', 'connection: x-a,close , x-b'], false],
  ['a name that only looks like a close', ['content-length: 2', 'connection: closed'], true],
] satisfies [string, string[], boolean][])(
  'whether the connection can be used again, with %s',
  (_name, lines, keepsAlive) => {
    expect(headOf('HTTP/1.1 200 OK', ...lines)).toMatchObject({ keepsAlive })
  },
)

test('a connection of HTTP/1.0 is not used again, and knows no chunks', () => {
  const head = ['HTTP/1.0 200 OK', 'connection: keep-alive']
  expect(headOf(...head, 'content-length: 2')).toMatchObject({ keepsAlive: false, body: 2 })
  expect(headOf(...head, 'transfer-encoding: chunked')).toBe('the answer has the transfer-encoding chunked')
})

test.each([[100], [103], [204], [304]])('%i has no body, whatever it declares', (status) => {
  const line = `HTTP/1.1 ${status} x`
  expect(headOf(line)).toMatchObject({ body: 0, keepsAlive: true })
  expect(headOf(line, 'content-length: 0')).toMatchObject({ body: 0, keepsAlive: true })
  // The server may send it all the same.
  expect(headOf(line, 'content-length: 5')).toMatchObject({ body: 0, keepsAlive: false })
  expect(headOf(line, 'transfer-encoding: chunked')).toMatchObject({ body: 0, keepsAlive: false })
})

test.each([
  ['timeout=5', 5],
  ['max=100, Timeout=72', 72],
  ['timeout=0', 0],
  ['max=100', null],
  ['x-timeout=5', null],
  ['timeout=99999999999', null],
])('keep-alive: %s keeps an idle connection for %j seconds', (value, idleSeconds) => {
  expect(headOf('HTTP/1.1 200 OK', `keep-alive: ${value}`)).toMatchObject({ idleSeconds })
})
