import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedBody } from './chunked-body.ts'

/** What the body says, read in pieces of this size, and how many bytes are its own; or why it was refused. */
function read(text: string, pieceBytes = text.length) {
  const body = new ChunkedBody()
  const bytes = Buffer.from(text, 'latin1')
  let data = ''
  let used = 0
  for (let at = 0; at < bytes.length && !body.isComplete; at += pieceBytes) {
    const own = body.read(bytes.subarray(at, at + pieceBytes), (part) => {
      data += part.toString('latin1')
      return null
    })
    if (typeof own === 'string') return own
    used += own
  }
  return { data, used, isComplete: body.isComplete }
}

test.each([[1], [2], [3], [7], [1_000]])('chunks are put together, in pieces of %i bytes', (pieceBytes) => {
  const text =
    '5;a=b;c="d;\te"\r\nhello\r\nA \t\r\n, chunked \r\n0000005\r\nworld\r\n000\r\nx-a: 1\r\nx-b: 2\r\n\r\n'
  expect(read(text, pieceBytes)).toEqual({
    data: 'hello, chunked world',
    used: text.length,
    isComplete: true,
  })
})

test('what comes after the last chunk is not its own', () => {
  expect(read('1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK')).toEqual({ data: 'a', used: 11, isComplete: true })
})

test.each([['1\r\na\r\n'], ['1\r\na\r\n0\r\n'], ['1\r\na\r\n0\r\n\r'], ['1\r\na\r\n0\r\nx-a: 1\r\n']])(
  '%j is not complete',
  (text) => {
    expect(read(text)).toEqual({ data: 'a', used: text.length, isComplete: false })
  },
)

test.each([
  ['no size', '\r\na'],
  ['a size that is no number', 'g\r\na'],
  ['a signed size', '+1\r\na\r\n'],
  ['a size with a prefix', '0x1\r\na\r\n'],
  ['a size with a space before it', ' 1\r\na\r\n'],
  ['a size beyond every number', `${'1'.repeat(9)}\r\na`],
  ['two sizes', '1 1\r\na\r\n'],
  ['a size that ends in LF', '1\na\r\n'],
  ['a size with a CR too many', '1\r\r\na\r\n'],
  ['an extension with a CR', '1;a\r1\r\na\r\n'],
  ['more data than its size', '1\r\nab\r\n0\r\n\r\n'],
  ['data that ends in LF', '1\r\na\n0\r\n\r\n'],
  ['trailers that end in LF', '1\r\na\r\n0\r\nx-a: 1\n\r\n'],
])('a chunk with %s is refused', (_name, text) => {
  expect(read(text)).toBeTypeOf('string')
  expect(read(text, 1)).toBeTypeOf('string')
})

test.each([
  ['the line of a chunk', '1;', 'a'],
  ['the end of a chunk', '1\r\na', 'a'],
  ['a trailer', '0\r\nx-a: ', 'a'],
  ['a list of trailers', '0\r\n', 'x-a: 1\r\n'],
])('%s without end is refused after some kilobytes', (_name, start, more) => {
  for (const pieceBytes of [1, 1_000, 100_000]) {
    expect(read(start + more.repeat(20_000), pieceBytes)).toBeTypeOf('string')
  }
})

test('it stops where the data is not wanted', () => {
  const body = new ChunkedBody()
  expect(body.read(Buffer.from('1\r\na\r\n1\r\nb\r\n0\r\n\r\n'), () => 'too much')).toBe('too much')
})

test('every division of a body into chunks and pieces gives the same', () => {
  const chunks = fc.array(fc.string({ minLength: 1, unit: 'binary-ascii' }))
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 20 }), (parts, pieceBytes) => {
      const text = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')
      expect(read(`${text}0\r\n\r\n`, pieceBytes)).toEqual({
        data: parts.join(''),
        used: text.length + 5,
        isComplete: true,
      })
    }),
  )
})
