/** Servers on loopback that send whatever a test wants, and pools of connections to them; all ended after each test. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, vi } from 'vitest'
import { createAnswerMemory } from '../answer-buffer.ts'
import type { Origin } from '../http1/connection.ts'
import { createConnectionPool } from '../http1/connection-pool.ts'
import { HttpExchange } from '../http1/http-exchange.ts'
import type { HttpResult } from '../http1/http-result.ts'
import { postHead } from '../http1/post-head.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type RawServer = {
  readonly port: number
  /** All that it has accepted, in order. */
  readonly accepted: Socket[]
}

/** @param host where it listens */
export async function listenRaw(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<RawServer> {
  const accepted: Socket[] = []
  const server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined))
    onConnection(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  cleanups.push(async () => {
    for (const socket of accepted) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, accepted }
}

/** Calls with the body of each request on the connection, once all of it is there. */
export function onRequests(socket: Socket, onRequest: (body: string) => void): void {
  let unread = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes])
    for (;;) {
      const head = /^POST [\s\S]*?content-length: (\d+)\r\n\r\n/.exec(unread.toString('latin1'))
      const end = (head?.[0].length ?? 0) + Number(head?.[1])
      if (!head || unread.length < end) return
      const body = unread.toString('utf8', head[0].length, end)
      unread = unread.subarray(end)
      onRequest(body)
    }
  })
}

/** A server that answers each request with what this returns for its body. */
export function answering(answer: (body: string, socket: Socket) => string): Promise<RawServer> {
  return listenRaw((socket) => onRequests(socket, (body) => void socket.write(answer(body, socket))))
}

/** A usual response. */
export function ok(text: string, ...headers: readonly string[]): string {
  const lines = ['HTTP/1.1 200 OK', `content-length: ${Buffer.byteLength(text)}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

export function answerOf(text: string): HttpResult {
  return { type: 'response', status: 200, mediaType: '', body: Buffer.from(text) }
}

/** A result as it is when it comes, since its body may be overwritten later. */
function kept(result: HttpResult): HttpResult {
  return result.type === 'response' ? { ...result, body: Buffer.from(result.body) } : result
}

/**
 * Connections to a server. After the test each exchange must have ended once, not while it was posted, and no memory
 * may be held.
 */
export function poolOf(
  port: number,
  options: Partial<Origin> & { readonly maxConnections?: number; readonly connectTimeoutMs?: number } = {},
) {
  const { secure = false, host = '127.0.0.1', maxConnections = 8, connectTimeoutMs = 1_000 } = options
  const pool = createConnectionPool({ secure, host, port }, { maxConnections, connectTimeoutMs })
  const head = postHead(new URL('http://subgraph.test/graphql'), [])
  const memory = createAnswerMemory({ maxAnswerBytes: 100_000_000, maxHeldBytes: 100_000_000, shareBytes: 1 })
  const posted: { readonly body: string; readonly ends: HttpResult[] }[] = []

  function post(body: string): { readonly exchange: HttpExchange; readonly result: Promise<HttpResult> } {
    const { promise, resolve } = Promise.withResolvers<HttpResult>()
    const ends: HttpResult[] = []
    const exchange = new HttpExchange(head.withBody([], body), memory, (result) => {
      const end = kept(result)
      ends.push(end)
      resolve(end)
    })
    pool.post(exchange)
    expect(ends, 'it ended while it was posted').toEqual([])
    posted.push({ body, ends })
    return { exchange, result: promise }
  }

  cleanups.push(async () => {
    pool.destroy()
    await vi.waitFor(() => {
      for (const { body, ends } of posted) expect(ends, body.slice(0, 100)).toHaveLength(1)
    })
    expect(memory.heldBytes).toBe(0)
  })
  return { pool, memory, post, ask: (body: string) => post(body).result }
}
