import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { answering, answerOf, listenRaw, ok, onRequests, poolOf } from '../testing/raw-server.ts'

const GIVEN_UP = { type: 'broken', unanswered: true, detail: 'given up' }
const SECOND = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged'

test.each([
  ['a body that is longer than its length', `${ok('a')}b`, 'a'],
  ['a second response with the first', ok('a') + SECOND, 'a'],
  ['a line end too many', `${ok('a')}\r\n`, 'a'],
  [
    'a body where none can be',
    `HTTP/1.1 204 No Content\r\ncontent-length: ${SECOND.length}\r\n\r\n${SECOND}`,
    '',
  ],
  ['a length where none can be', `HTTP/1.1 304 Not Modified\r\ncontent-length: ${SECOND.length}\r\n\r\n`, ''],
  [
    'chunks and more',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n${SECOND}`,
    'a',
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na', 'a'],
  ['a close that it only announces', ok('a', 'connection: close'), 'a'],
  ['both lengths', ok(SECOND, 'transfer-encoding: chunked'), null],
  ['two lengths', ok(SECOND, 'content-length: 0'), null],
  ['a folded header', ok(SECOND, 'x-a: 1', ' 2'), null],
  ['a line feed alone', ok(SECOND, 'x-a: 1\nx-b: 2'), null],
  ['a carriage return alone', ok(SECOND, 'x-a: 1\rx-b: 2'), null],
  ['another protocol', `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n${SECOND}`, null],
  ['an early hint with a body', `HTTP/1.1 103 Early Hints\r\ncontent-length: 3\r\n\r\nabc${SECOND}`, null],
  [
    'a chunk that is longer than its size',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n`,
    null,
  ],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', null],
])('after %s its connection is not used again', async (_name, answer, text) => {
  const { port, accepted } = await answering((body) => (body === 'first' ? answer : ok(body)))
  const { ask } = poolOf(port, { maxConnections: 1 })
  const [first, second] = [ask('first'), ask('second')]
  expect(await first).toMatchObject(
    text === null ? { type: 'broken' } : { type: 'response', body: Buffer.from(text) },
  )
  expect(await second).toEqual(answerOf('second'))
  expect(accepted).toHaveLength(2)
})

test.each([
  [
    'informational responses',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nlink: y\r\n\r\n${ok('a')}`,
    'a',
  ],
  ['no body where none can be', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nx-a: 1\r\n\r\n', 'a'],
  ['an encoding of no change', ok('a', 'content-encoding: identity'), 'a'],
])('after %s its connection is used again', async (_name, answer, text) => {
  const { port, accepted } = await answering((body) => (body === 'first' ? answer : ok(body)))
  const { ask } = poolOf(port, { maxConnections: 1 })
  const [first, second] = [ask('first'), ask('second')]
  expect(await first).toMatchObject({ type: 'response', body: Buffer.from(text) })
  expect(await second).toEqual(answerOf('second'))
  expect(accepted).toHaveLength(1)
})

test('a body that ends with its connection is read, where it ends as it should', async () => {
  const { port } = await listenRaw((socket) =>
    onRequests(socket, (body) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhel')
      setImmediate(() => (body === 'end' ? socket.end('lo') : socket.resetAndDestroy()))
    }),
  )
  const { ask } = poolOf(port)
  expect(await ask('end')).toEqual(answerOf('hello'))
  expect(await ask('reset')).toMatchObject({ type: 'broken', unanswered: false })
})

test('bytes on an idle connection end it', async () => {
  const { port, accepted } = await answering((body) => ok(body))
  const { ask } = poolOf(port, { maxConnections: 1 })
  expect(await ask('a')).toEqual(answerOf('a'))
  const [idle] = accepted
  const closed = new Promise((resolve) => idle?.once('close', resolve))
  idle?.write(SECOND)
  expect(await ask('b')).toEqual(answerOf('b'))
  await closed
  expect(accepted).toHaveLength(2)
})

test('where an answer comes before the request has been sent, the connection is not used again', async () => {
  const { port, accepted } = await listenRaw((socket) =>
    socket.once('data', () => socket.pause().write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')),
  )
  const { ask } = poolOf(port, { maxConnections: 1 })
  const body = 'x'.repeat(30_000_000)
  for (const result of await Promise.all([ask(body), ask(body)])) {
    expect(result).toMatchObject({ type: 'response', status: 413 })
  }
  expect(accepted).toHaveLength(2)
})

test.each([
  ['a head', 'HTTP/1.1 200 OK\r\nx-a: '],
  ['the size of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;'],
])('%s that never ends is given up', async (_name, start) => {
  const { port } = await listenRaw((socket) =>
    socket.once('data', () => {
      socket.write(start)
      function write(): void {
        while (!socket.destroyed && socket.write('a'.repeat(1_000)));
        socket.once('drain', write)
      }
      write()
    }),
  )
  expect(await poolOf(port).ask('a')).toMatchObject({ type: 'broken' })
})

test('whatever is sent around and after an answer, no request gets one that is not its own', async () => {
  const extra = fc.oneof(
    fc.constantFrom('', '', '', SECOND, '\r\n', 'HTTP/1.1 ', '0\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'),
    fc.string({ maxLength: 5 }),
  )
  const reaction = fc.record({
    before: extra,
    form: fc.constantFrom('length', 'chunks', 'longer', 'shorter', 'until-close'),
    after: extra,
    cut: fc.nat({ max: 80 }),
    end: fc.constantFrom('stay', 'stay', 'end', 'reset'),
  })
  const answerIn = {
    length: (text: string) => ok(text),
    longer: (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}${text}`,
    shorter: (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length + 1}\r\n\r\n${text}`,
    chunks: (text: string) =>
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${text.length}\r\n${text}\r\n0\r\n\r\n`,
    'until-close': (text: string) => `HTTP/1.1 200 OK\r\n\r\n${text}`,
  }
  await fc.assert(
    fc.asyncProperty(fc.array(reaction, { minLength: 4, maxLength: 12 }), async (reactions) => {
      const { port } = await listenRaw((socket) =>
        onRequests(socket, (body) => {
          const { before, form, after, cut, end } = reactions[Number(body)] ?? reactions[0] ?? fail()
          const bytes = Buffer.from(before + answerIn[form as keyof typeof answerIn](`re${body}`) + after)
          socket.write(bytes.subarray(0, cut))
          setImmediate(() => {
            socket.write(bytes.subarray(cut))
            if (end === 'reset') socket.resetAndDestroy()
            // What is incomplete would wait for ever.
            else if (end === 'end' || form === 'until-close' || form === 'shorter') socket.end()
          })
        }),
      )
      const { post } = poolOf(port, { maxConnections: 2 })
      await Promise.all(
        reactions.map(async ({ before, form, after }, n) => {
          const { exchange, result } = post(`${n}`)
          const patience = setTimeout(() => exchange.abort(), 200)
          const ended = await result
          clearTimeout(patience)
          // The server may forge the answer to this request itself; that to another one it must not.
          if (ended.type !== 'response' || before === SECOND) return
          if (form === 'until-close' || form === 'shorter')
            expect(ended.body.toString().startsWith(`re${n}`)).toBe(true)
          else expect(ended, after).toEqual(answerOf(`re${n}`))
        }),
      )
    }),
    { numRuns: 60 },
  )
})

function fail(): never {
  throw new Error('there is no reaction')
}

describe('an exchange that is given up', () => {
  test('before it has a connection, while it connects and while its answer arrives ends at once', async () => {
    const { port, accepted } = await listenRaw((socket) =>
      onRequests(socket, (body) => socket.write(ok(body).slice(0, -1))),
    )
    const { post, memory } = poolOf(port, { maxConnections: 1 })
    const [connecting, waiting] = [post('connecting'), post('waiting')]
    waiting.exchange.abort()
    connecting.exchange.abort()
    expect(await Promise.all([connecting.result, waiting.result])).toEqual([GIVEN_UP, GIVEN_UP])
    const arriving = post('arriving')
    await vi.waitFor(() => expect(memory.heldBytes).toBeGreaterThan(0))
    arriving.exchange.abort()
    expect(await arriving.result).toEqual({ ...GIVEN_UP, unanswered: false })
    expect(memory.heldBytes).toBe(0)
    await vi.waitFor(() => expect(accepted.every(({ destroyed }) => destroyed)).toBe(true))
  })

  test('after its answer leaves the connection to the next one', async () => {
    const { port, accepted } = await answering((body) => ok(body))
    const { post } = poolOf(port, { maxConnections: 1 })
    const first = post('a')
    const second = post('b')
    await first.result
    first.exchange.abort()
    expect(await second.result).toEqual(answerOf('b'))
    expect(accepted).toHaveLength(1)
  })
})

describe('where there can be no connection', () => {
  test('because it is refused, each request fails', async () => {
    const server = createServer()
    const { port } = await new Promise<{ port: number }>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(server.address() as { port: number }))
    })
    await new Promise((resolve) => server.close(resolve))
    const { pool, ask } = poolOf(port, { maxConnections: 1 })
    for (const result of await Promise.all(['a', 'b', 'c'].map(ask))) {
      expect(result).toMatchObject({
        type: 'broken',
        unanswered: true,
        detail: expect.stringContaining('REFUSED'),
      })
    }
    await pool.close()
  })

  test('because it takes too long, each request fails', async () => {
    // It accepts connections, but never begins with TLS.
    const { port } = await listenRaw(() => undefined)
    const { pool, ask } = poolOf(port, { secure: true, maxConnections: 1, connectTimeoutMs: 20 })
    for (const result of await Promise.all(['a', 'b', 'c'].map(ask))) {
      expect(result).toEqual({ type: 'broken', unanswered: true, detail: 'no connection within 20 ms' })
    }
    await pool.close()
  })

  test('the time for connecting is not that for the answer', async () => {
    const { port } = await listenRaw((socket) =>
      onRequests(socket, (body) => void setTimeout(() => socket.write(ok(body)), 200)),
    )
    expect(await poolOf(port, { connectTimeoutMs: 100 }).ask('a')).toEqual(answerOf('a'))
  })

  test('because one cannot even be tried, each request fails', async () => {
    const { pool, ask } = poolOf(70_000, { maxConnections: 1 })
    const asked = ['a', 'b', 'c'].map(ask)
    for (const result of await Promise.all(asked)) {
      expect(result).toMatchObject({
        type: 'broken',
        unanswered: true,
        detail: expect.stringContaining('Port'),
      })
    }
    await pool.close()
  })

  test('requests that come later get one', async () => {
    let refuses = true
    const { port } = await listenRaw((socket) =>
      refuses ? socket.resetAndDestroy() : onRequests(socket, (body) => socket.write(ok(body))),
    )
    const { ask } = poolOf(port, { maxConnections: 1 })
    expect(await ask('a')).toMatchObject({ type: 'broken', unanswered: true })
    refuses = false
    expect(await ask('b')).toEqual(answerOf('b'))
  })
})

test('IPv6', async (context) => {
  const listening = await listenRaw(
    (socket) => onRequests(socket, (body) => socket.write(ok(body))),
    '::1',
  ).catch(() => null)
  if (listening === null) return context.skip('this machine has no IPv6')
  expect(await poolOf(listening.port, { host: '::1' }).ask('a')).toEqual(answerOf('a'))
})

test('nothing keeps the process alive where the pool was not used, or once it is closed or destroyed', async () => {
  const script = fileURLToPath(new URL('../testing/post-and-end.ts', import.meta.url))
  const { port } = await listenRaw((socket) =>
    onRequests(socket, (body) => body === 'answered' && socket.write(ok(body))),
  )
  const unused = await promisify(execFile)(process.execPath, [script, `${port}`, 'unused'], {
    timeout: 20_000,
  })
  expect(unused.stdout).toBe('')
  for (const end of ['close', 'destroy']) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, `${port}`, end], {
      timeout: 20_000,
    })
    expect(stdout.trim().split('\n')).toEqual(['answered response', 'connecting broken', `${end} ended`])
  }
})
