import { request } from 'node:http'
import { Duplex } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAnswerMemory } from '../answer-buffer.ts'
import type { HttpResult } from './http-result.ts'
import { ResponseReader } from './response-reader.ts'

const MAX_ANSWER_BYTES = 1_000

function begin() {
  const memory = createAnswerMemory({
    maxAnswerBytes: MAX_ANSWER_BYTES,
    maxHeldBytes: 10_000,
    shareBytes: 100,
  })
  return { memory, reader: new ResponseReader(memory) }
}

type Answer = {
  readonly result: ReturnType<typeof withText> | null
  readonly surplus: number
  readonly heldBytes: number
}

function withText(result: HttpResult) {
  if (result.type !== 'response') return result
  const { body, ...rest } = result
  return { ...rest, text: body.toString() }
}

/** Reads the bytes in pieces that end at these places, then the end of the connection. Each piece is overwritten. */
function read(bytes: Buffer, cuts: readonly number[] = []): Answer {
  const { reader, memory } = begin()
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])]
  let from = 0
  for (const end of ends.sort((a, b) => a - b)) {
    const piece = Buffer.from(bytes.subarray(from, end))
    const answer = reader.read(piece)
    if (answer) {
      const result = withText(answer.result)
      return { result, surplus: answer.surplus + bytes.length - end, heldBytes: memory.heldBytes }
    }
    piece.fill('!')
    from = end
  }
  const result = reader.end()
  reader.giveUp()
  return { result: result && withText(result), surplus: 0, heldBytes: memory.heldBytes }
}

function readText(...lines: readonly string[]) {
  const { result, surplus } = read(Buffer.from(lines.join('\r\n')))
  return { ...result, surplus }
}

const HELLO = { type: 'response', status: 200, mediaType: '', text: 'hello', surplus: 0 }
const BROKEN = { type: 'broken', unanswered: true }

test('reads a body of a declared length', () => {
  expect(readText('HTTP/1.1 200 OK', 'content-length: 5', '', 'hello')).toEqual(HELLO)
})

test('reads chunks, and a body that ends with its connection', () => {
  expect(readText('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '5', 'hello', '0', '', '')).toEqual(
    HELLO,
  )
  expect(readText('HTTP/1.1 200 OK', '', 'hello')).toEqual(HELLO)
  expect(readText('HTTP/1.0 200 OK', '', 'hello')).toEqual(HELLO)
})

test('what comes after the response is counted, not read', () => {
  expect(readText('HTTP/1.1 200 OK', 'content-length: 5', '', 'hello, world')).toEqual({
    ...HELLO,
    surplus: 7,
  })
  expect(readText('HTTP/1.1 204 No Content', 'content-length: 5', '', 'hello')).toEqual({
    ...HELLO,
    status: 204,
    text: '',
    surplus: 5,
  })
})

test('a response that ends too early has no result', () => {
  expect(readText('HTTP/1.1 200 OK', 'content-length: 6', '', 'hello')).toEqual({ surplus: 0 })
  expect(readText('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '5', 'hello', '0', '')).toEqual({
    surplus: 0,
  })
  expect(readText('HTTP/1.1 200 OK', 'content-le')).toEqual({ surplus: 0 })
})

test('informational responses come before the answer, another protocol does not', () => {
  const answer = ['HTTP/1.1 200 OK', 'content-length: 5', '', 'hello']
  expect(readText('HTTP/1.1 100 Continue', '', 'HTTP/1.1 103 x', 'link: y', '', ...answer)).toEqual(HELLO)
  expect(readText('HTTP/1.1 101 Switching Protocols', 'upgrade: x', '', ...answer)).toMatchObject(BROKEN)
})

test('before a status that can be read the request is unanswered, afterwards it is not', () => {
  expect(readText('HTTP/1.1 200 OK', 'content-length: 5', 'content-length: 6', '', 'hello')).toMatchObject(
    BROKEN,
  )
  expect(readText('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'x')).toMatchObject({ surplus: 0 })
  expect(readText('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'x', '')).toMatchObject({
    type: 'broken',
    unanswered: false,
  })
})

test('what is not HTTP is refused with its first bytes', () => {
  for (const text of ['SSH-2.0-OpenSSH_9.9\r\n', 'H2', '\r\n', '\x15\x03\x01']) {
    expect(begin().reader.read(Buffer.from(text))).toMatchObject({ result: BROKEN })
  }
  for (const text of ['H', 'HTTP/1.', 'HTTP/1.1 2']) expect(begin().reader.read(Buffer.from(text))).toBeNull()
})

test.each([[1_000], [16_000], [70_000]])(
  'a head without end is refused, in pieces of %i bytes',
  (pieceBytes) => {
    const { reader } = begin()
    expect(reader.read(Buffer.from('HTTP/1.1 200 OK\r\nx-a: '))).toBeNull()
    let sent = 0
    while (reader.read(Buffer.alloc(pieceBytes, 'a')) === null) {
      sent += pieceBytes
      expect(sent).toBeLessThan(17_000)
    }
  },
)

test('a head may have 16 KB, and no more, also where it comes in one piece', () => {
  const head = (bytes: number) => `HTTP/1.1 204 x\r\nx-a: ${'a'.repeat(bytes - 21)}\r\n\r\n`
  expect(begin().reader.read(Buffer.from(head(16_384)))).toMatchObject({ result: { type: 'response' } })
  expect(begin().reader.read(Buffer.from(head(16_385)))).toMatchObject({ result: BROKEN })
})

test.each([
  ['an announced length', `content-length: ${MAX_ANSWER_BYTES + 1}\r\n\r\n`],
  ['chunks', `transfer-encoding: chunked\r\n\r\nfff\r\n${'a'.repeat(600)}`],
  ['a body until the close', `\r\n${'a'.repeat(600)}`],
])('an answer that is too large is given up: %s', (_name, start) => {
  const { reader, memory } = begin()
  const answer =
    reader.read(Buffer.from(`HTTP/1.1 200 OK\r\n${start}`)) ?? reader.read(Buffer.from('a'.repeat(600)))
  expect(answer?.result).toEqual({ type: 'unreadable', detail: `answer is over ${MAX_ANSWER_BYTES} bytes` })
  expect(memory.heldBytes).toBe(0)
})

test('an answer may be as large as the limit', () => {
  const text = 'a'.repeat(MAX_ANSWER_BYTES)
  expect(readText('HTTP/1.1 200 OK', `content-length: ${text.length}`, '', text)).toEqual({ ...HELLO, text })
})

test('compressed bodies are read, and what is no such body is not', () => {
  const compressed = gzipSync('hello')
  const head = (length: number) =>
    `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${length}\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(head(compressed.length)), compressed])
  expect(read(bytes).result).toEqual({ type: 'response', status: 200, mediaType: '', text: 'hello' })
  expect(read(bytes, [100]).result).toEqual({ type: 'response', status: 200, mediaType: '', text: 'hello' })
  expect(read(Buffer.from(`${head(5)}hello`)).result).toMatchObject({ type: 'unreadable' })
})

test('while an answer arrives its memory counts, afterwards it does not', () => {
  for (const framing of ['content-length: 10', 'transfer-encoding: chunked', 'x-a: until the close']) {
    const { reader, memory } = begin()
    reader.read(Buffer.from(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n5\r\nab`))
    expect(memory.heldBytes).toBeGreaterThanOrEqual(2)
    const rest = reader.read(Buffer.from('cde\r\n0\r\n\r\n')) ?? reader.end()
    expect(rest).not.toBeNull()
    expect(memory.heldBytes).toBe(0)
  }
})

const token = fc.stringMatching(/^x-[a-z0-9]{1,8}$/)
const fieldValue = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
function inSomeCase(text: string) {
  return fc.constantFrom(
    text,
    text.toUpperCase(),
    text.replace(/^./, (letter) => letter.toUpperCase()),
  )
}

function fieldLines(...fields: fc.Arbitrary<string>[]) {
  const other = fc.tuple(token, fieldValue).map(([name, value]) => `${name}: ${value}`)
  return fc
    .tuple(fc.array(other, { maxLength: 3 }), fc.array(other, { maxLength: 3 }), ...fields)
    .map(([before, after, ...own]) => [...before, ...own, ...after].map((line) => `${line}\r\n`).join(''))
}

function field(name: string, value: fc.Arbitrary<string>) {
  const before = fc.constantFrom('', ' ', '\t ')
  // Node does not know `chunked` with a tab behind it.
  const after = fc.constantFrom('', ' ')
  return fc
    .tuple(inSomeCase(name), before, value, after)
    .map(([own, left, text, right]) => `${own}:${left}${text}${right}`)
}

/** A body in chunks of random sizes. */
function chunked(body: Buffer) {
  return fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
      fc.constantFrom('', ';a', ';a="b c"'),
      fc.constantFrom('', 'x-trailer: 1\r\n'),
    )
    .map(([sizes, extension, trailer]) => {
      const parts: Buffer[] = []
      for (let at = 0, n = 0; at < body.length; n += 1) {
        const data = body.subarray(at, at + (sizes[n % sizes.length] ?? 1))
        parts.push(Buffer.from(`${data.length.toString(16)}${extension}\r\n`), data, Buffer.from('\r\n'))
        at += data.length
      }
      return Buffer.concat([...parts, Buffer.from(`0${extension}\r\n${trailer}\r\n`)])
    })
}

/** The bytes of a response, with what is in it. */
const validResponse = fc
  .record({
    status: fc.constantFrom(200, 201, 204, 299, 304, 400, 404, 500, 503),
    hints: fc.constantFrom('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', 'HTTP/1.1 100\r\n\r\n'),
    text: fc.string({ unit: 'grapheme', maxLength: 100 }),
    mediaType: fc.constantFrom('application/json', 'text/html; charset=utf-8'),
    framing: fc.constantFrom('length', 'chunks', 'until-close'),
  })
  .chain(({ status, hints, text, mediaType, framing }) => {
    const hasBody = status !== 204 && status !== 304
    const body = Buffer.from(hasBody ? text : '')
    const type = field('content-type', fc.constant(mediaType))
    const parts =
      !hasBody || framing === 'until-close'
        ? ([fieldLines(type), fc.constant(body)] as const)
        : framing === 'length'
          ? ([
              fieldLines(type, field('content-length', fc.constant(`${body.length}`))),
              fc.constant(body),
            ] as const)
          : ([fieldLines(field('transfer-encoding', fc.constant('chunked')), type), chunked(body)] as const)
    return fc.tuple(...parts).map(([lines, bytes]) => ({
      status,
      mediaType,
      text: body.toString(),
      endsByItself: !hasBody || framing !== 'until-close',
      bytes: Buffer.concat([Buffer.from(`${hints}HTTP/1.1 ${status} x\r\n${lines}\r\n`), bytes]),
    }))
  })

const cuts = fc.array(fc.nat({ max: 600 }), { maxLength: 12 })

test('a response in any pieces gives what it gives in one', () => {
  fc.assert(
    fc.property(validResponse, cuts, fc.string({ maxLength: 5 }), (response, places, more) => {
      const { status, mediaType, text, endsByItself } = response
      const surplus = Buffer.from(endsByItself ? more : '')
      const bytes = Buffer.concat([response.bytes, surplus])
      const expected = { type: 'response', status, mediaType, text }
      expect(read(bytes, places)).toEqual({ result: expected, surplus: surplus.length, heldBytes: 0 })
      expect(read(bytes)).toEqual({ result: expected, surplus: surplus.length, heldBytes: 0 })
      if (bytes.length < 200) {
        const everywhere = Array.from(bytes, (_, at) => at)
        expect(read(bytes, everywhere)).toEqual({ result: expected, surplus: surplus.length, heldBytes: 0 })
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a response that lacks its end has no result, unless only its connection ends it', () => {
  fc.assert(
    fc.property(validResponse, cuts, fc.nat(), ({ bytes, endsByItself }, places, lacks) => {
      fc.pre(endsByItself)
      const part = bytes.subarray(0, lacks % bytes.length)
      expect(read(part, places)).toEqual({ result: null, surplus: 0, heldBytes: 0 })
    }),
    { numRuns: 1_000 },
  )
})

test('no response makes it throw or keep memory, however it is wrong, and its pieces do not matter', () => {
  const change = fc.record({
    at: fc.nat({ max: 600 }),
    removed: fc.nat({ max: 3 }),
    added: fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', ' ', ':', '0', 'f', ';', 'content-length: 3\r\n'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  })
  fc.assert(
    fc.property(
      validResponse,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      cuts,
      (response, changes, places) => {
        let { bytes } = response
        for (const { at, removed, added } of changes) {
          const place = at % bytes.length
          bytes = Buffer.concat([
            bytes.subarray(0, place),
            Buffer.from(added),
            bytes.subarray(place + removed),
          ])
        }
        const whole = read(bytes)
        expect(whole.heldBytes).toBe(0)
        expect(
          whole.result === null || ['response', 'broken', 'unreadable'].includes(whole.result.type),
        ).toBe(true)
        const inPieces = read(bytes, places)
        expect(inPieces.heldBytes).toBe(0)
        // Only the reason may be another: what is wrong first is seen before the rest is there.
        expect({ ...inPieces.result, detail: '' }).toEqual({ ...whole.result, detail: '' })
      },
    ),
    { numRuns: 3_000 },
  )
})

/** What Node's own client reads. */
function readWithNode(bytes: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<object>()
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
      this.push(bytes)
      this.push(null)
    },
  })
  request({ method: 'POST', createConnection: () => socket }, (response) => {
    const { statusCode: status, headers } = response
    textOf(response).then((text) => resolve({ status, mediaType: headers['content-type'], text }), reject)
  })
    .on('error', reject)
    .end('{}')
  return promise
}

test('reads what Node reads', async () => {
  await fc.assert(
    fc.asyncProperty(validResponse, cuts, async ({ bytes }, places) => {
      expect(read(bytes, places).result).toEqual({ type: 'response', ...(await readWithNode(bytes)) })
    }),
    { numRuns: 300 },
  )
})
