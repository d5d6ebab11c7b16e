import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { answering, answerOf, listenRaw, ok, onRequests, poolOf } from '../testing/raw-server.ts'

const CLOSED = { type: 'broken', unanswered: true, detail: 'the client is closed' }

/** Until the connection of the latest answer can be used again. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 4; turns += 1) await nextTurn()
}

test('each request gets its own answer, and requests one after the other share a connection', async () => {
  const { port, accepted } = await answering((body) => ok(`re: ${body}`))
  const { ask } = poolOf(port)
  for (const body of ['a', 'é😀', 'x'.repeat(1_000_000), '']) {
    expect(await ask(body)).toEqual(answerOf(`re: ${body}`))
    await rest()
  }
  expect(accepted).toHaveLength(1)
})

test('many at once use as many connections as there may be, and no more', async () => {
  const { port, accepted } = await answering((body) => ok(body))
  const { ask } = poolOf(port, { maxConnections: 5 })
  const bodies = Array.from({ length: 200 }, (_, n) => `${n}`)
  expect(await Promise.all(bodies.map(ask))).toEqual(bodies.map(answerOf))
  expect(accepted).toHaveLength(5)
})

test('requests that wait for a connection are sent in order, without those that are given up', async () => {
  const seen: string[] = []
  const { port } = await answering((body) => {
    seen.push(body)
    return ok(body)
  })
  const { post } = poolOf(port, { maxConnections: 1 })
  const posted = ['a', 'b', 'c', 'd', 'e', 'f'].map((body) => post(body))
  for (const index of [1, 2, 5]) {
    posted[index]?.exchange.abort()
    expect(await posted[index]?.result).toEqual({ type: 'broken', unanswered: true, detail: 'given up' })
  }
  expect(await posted[4]?.result).toEqual(answerOf('e'))
  expect(seen).toEqual(['a', 'd', 'e'])
})

test('the server sees the host, the path, and the length in bytes', async () => {
  let seen = ''
  const { port } = await listenRaw((socket) => {
    socket.on('data', (bytes) => {
      seen += bytes
      if (seen.endsWith('é')) socket.write(ok('seen'))
    })
  })
  expect(await poolOf(port).ask('é')).toEqual(answerOf('seen'))
  expect(seen).toBe('POST /graphql HTTP/1.1\r\nhost: subgraph.test\r\ncontent-length: 2\r\n\r\né')
})

test('answers that arrive at the same time, in pieces, do not mix', async () => {
  const { port } = await listenRaw((socket) =>
    onRequests(socket, (body) => {
      const bytes = Buffer.from(ok(body.repeat(50)))
      function write(at: number): void {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 7), () => setImmediate(write, at + 7))
      }
      write(0)
    }),
  )
  const { ask } = poolOf(port, { maxConnections: 20 })
  const bodies = Array.from({ length: 60 }, (_, n) => `é${n};`)
  expect(await Promise.all(bodies.map(ask))).toEqual(bodies.map((body) => answerOf(body.repeat(50))))
})

describe('a connection that is free', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  test.each([
    ['ends', (socket: { end(): void }) => socket.end()],
    ['is reset', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ])('is not used again where it %s with its answer, without saying so', async (_name, end) => {
    const { port, accepted } = await listenRaw((socket) =>
      onRequests(socket, (body) => socket.write(ok(body), () => end(socket))),
    )
    const { ask } = poolOf(port, { maxConnections: 4 })
    let failures = 0
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let n = 0; n < 50; n += 1) if ((await ask(`${n}`)).type !== 'response') failures += 1
      }),
    )
    expect(failures).toBe(0)
    expect(accepted).toHaveLength(400)
  })

  test.each([
    ['4 s', [], 3_999],
    ['2 s less than the server says', ['keep-alive: timeout=10'], 7_999],
    ['10 minutes at most', ['keep-alive: timeout=86400'], 599_999],
  ])('is used for %s', async (_name, headers, keptMs) => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { port, accepted } = await answering((body) => ok(body, ...headers))
    const { ask } = poolOf(port)
    await ask('a')
    await rest()
    vi.advanceTimersByTime(keptMs)
    expect(await ask('b')).toEqual(answerOf('b'))
    await rest()
    expect(accepted).toHaveLength(1)
    // The clock alone, so that no sweep comes before the request.
    const aged = performance.now() + keptMs + 1
    vi.spyOn(performance, 'now').mockReturnValue(aged)
    expect(await ask('c')).toEqual(answerOf('c'))
    expect(accepted).toHaveLength(2)
  })

  test('is ended when it is too old, also where no request comes', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { port, accepted } = await answering((body) => ok(body))
    const { ask } = poolOf(port)
    await Promise.all(['a', 'b', 'c'].map(ask))
    await rest()
    const closed = Promise.all(
      accepted.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    )
    vi.advanceTimersByTime(3_999)
    await rest()
    expect(accepted.map(({ destroyed }) => destroyed)).toEqual([false, false, false])
    vi.advanceTimersByTime(1_001)
    await closed
  })

  test('is used before those that have been free for longer, which are then ended', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { port, accepted } = await answering((body) => ok(body))
    const { ask } = poolOf(port)
    await Promise.all(['a', 'b', 'c'].map(ask))
    await rest()
    vi.advanceTimersByTime(3_000)
    for (const body of ['d', 'e', 'f']) {
      expect(await ask(body)).toEqual(answerOf(body))
      await rest()
    }
    vi.advanceTimersByTime(2_000)
    await vi.waitFor(() => expect(accepted.filter(({ destroyed }) => destroyed)).toHaveLength(2))
    expect(accepted).toHaveLength(3)
  })

  test('is not looked after any more once the pool is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const pools = [poolOf(1), poolOf(1)]
    expect(vi.getTimerCount()).toBe(2)
    await pools[0]?.pool.close()
    pools[1]?.pool.destroy()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([['keep-alive: timeout=2'], ['keep-alive: timeout=0']])(
    'is never used again where the server may end it at once: %s',
    async (header) => {
      const { port, accepted } = await answering((body) => ok(body, header))
      const { ask } = poolOf(port, { maxConnections: 1 })
      for (const body of ['a', 'b', 'c']) expect(await ask(body)).toEqual(answerOf(body))
      expect(accepted).toHaveLength(3)
    },
  )
})

describe('closing', () => {
  test('waits for what is under way, also for what waits for a connection, and then ends all connections', async () => {
    const { port, accepted } = await answering((body) => ok(body))
    const { pool, ask } = poolOf(port, { maxConnections: 1 })
    await ask('before')
    const asked = ['a', 'b', 'c'].map(ask)
    const settled: string[] = []
    for (const each of asked) void each.then(({ type }) => settled.push(type))
    await pool.close()
    expect(settled).toEqual(['response', 'response', 'response'])
    expect(pool.isClosed()).toBe(true)
    await vi.waitFor(() => expect(accepted.every(({ destroyed }) => destroyed)).toBe(true))
  })

  test('waits also for requests whose connection breaks meanwhile', async () => {
    const { port } = await listenRaw((socket) => onRequests(socket, () => socket.destroy()))
    const { pool, ask } = poolOf(port, { maxConnections: 1 })
    const settled: string[] = []
    for (const body of ['a', 'b', 'c']) void ask(body).then(({ type }) => settled.push(type))
    await pool.close()
    expect(settled).toEqual(['broken', 'broken', 'broken'])
  })

  test('does not wait for requests that are given up', async () => {
    const { port } = await listenRaw(() => undefined)
    const { pool, post } = poolOf(port, { maxConnections: 1 })
    const posted = ['a', 'b', 'c'].map(post)
    const closed = pool.close()
    for (const { exchange } of posted.reverse()) exchange.abort()
    await closed
  })

  test('with nothing under way it takes no time; afterwards nothing can be posted', async () => {
    const { port, accepted } = await answering((body) => ok(body))
    const { pool, ask } = poolOf(port)
    await ask('a')
    await rest()
    await pool.close()
    expect(await ask('b')).toEqual(CLOSED)
    expect(accepted).toHaveLength(1)
    await pool.close()
  })

  test('destroying ends what is under way and what waits at once', async () => {
    const { port, accepted } = await listenRaw(() => undefined)
    const { pool, post } = poolOf(port, { maxConnections: 1 })
    const results = ['a', 'b', 'c'].map((body) => post(body).result)
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    const closed = pool.close()
    pool.destroy()
    expect(await Promise.all(results)).toEqual([CLOSED, CLOSED, CLOSED])
    await closed
    expect(await post('d').result).toEqual(CLOSED)
  })

  test('what is posted while all is destroyed fails too', async () => {
    const { port } = await listenRaw(() => undefined)
    const { pool, post, ask } = poolOf(port, { maxConnections: 1 })
    const [first, second] = [post('a'), post('b')]
    const later = Promise.all([first.result.then(() => ask('c')), second.result.then(() => ask('d'))])
    pool.destroy()
    expect(await later).toEqual([CLOSED, CLOSED])
    expect(pool.isClosed()).toBe(true)
  })
})
