import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerOf, ok, onRequests, poolOf } from '../testing/raw-server.ts'
import { CERTIFICATE, KEY } from '../testing/self-signed.ts'

const TRUSTED = getCACertificates('default')
const cleanups: (() => Promise<unknown>)[] = []

beforeEach(() => setDefaultCACertificates([...TRUSTED, CERTIFICATE]))

afterEach(async () => {
  setDefaultCACertificates(TRUSTED)
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function listenTls(
  onConnection: (socket: TLSSocket) => void,
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
) {
  const accepted: TLSSocket[] = []
  const resumed: boolean[] = []
  const tcp: Socket[] = []
  const server = createServer({ cert: CERTIFICATE, key: KEY, maxVersion }, (socket) => {
    accepted.push(socket.on('error', () => undefined))
    resumed.push(socket.isSessionReused())
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  server.on('connection', (socket: Socket) => tcp.push(socket))
  await once(server, 'listening')
  cleanups.push(async () => {
    for (const socket of accepted) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, accepted, resumed, tcp }
}

function echo(socket: TLSSocket): void {
  onRequests(socket, (body) => void socket.write(ok(body, ...(body === 'last' ? ['connection: close'] : []))))
}

test('requests and answers of every size go over one connection, to the server by its name', async () => {
  const { port, accepted } = await listenTls(echo)
  const { ask } = poolOf(port, { secure: true, host: 'localhost', maxConnections: 1 })
  const bodies = ['a', 'é'.repeat(1_000_000), '', 'b']
  expect(await Promise.all(bodies.map(ask))).toEqual(bodies.map(answerOf))
  expect(accepted.map((socket) => (socket as { servername?: unknown }).servername)).toEqual(['localhost'])
})

test('a server may be named by its address', async () => {
  const { port } = await listenTls(echo)
  expect(await poolOf(port, { secure: true }).ask('a')).toEqual(answerOf('a'))
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'with %s further connections resume the session',
  async (version) => {
    const { port, resumed } = await listenTls(echo, version)
    const { ask } = poolOf(port, { secure: true, maxConnections: 1 })
    for (const body of ['a', 'last', 'b', 'last', 'c']) expect(await ask(body)).toEqual(answerOf(body))
    expect(resumed).toEqual([false, true, true])
  },
)

test('a session that fails is not tried again', async () => {
  const { port, resumed, tcp } = await listenTls((socket) => {
    if (socket.isSessionReused()) tcp.at(-1)?.resetAndDestroy()
    else echo(socket)
  })
  const { ask } = poolOf(port, { secure: true, maxConnections: 1 })
  expect(await ask('last')).toEqual(answerOf('last'))
  expect(await ask('last')).toMatchObject({ type: 'broken', unanswered: true })
  expect(await ask('last')).toEqual(answerOf('last'))
  expect(resumed).toEqual([false, true, false])
})

test('a certificate that is not trusted, or of another name, is refused each time', async () => {
  const { port } = await listenTls(echo, 'TLSv1.2')
  const other = poolOf(port, { secure: true, host: '127.0.0.2', maxConnections: 1 })
  for (const body of ['a', 'b']) {
    expect(await other.ask(body)).toMatchObject({ type: 'broken', unanswered: true })
  }
  setDefaultCACertificates(TRUSTED)
  const { ask } = poolOf(port, { secure: true, maxConnections: 1 })
  for (const body of ['a', 'b']) {
    expect(await ask(body)).toMatchObject({ type: 'broken', detail: expect.stringContaining('self-signed') })
  }
})

test('where the connection is cut in the middle of an answer, it is not taken for the whole', async () => {
  const { port } = await listenTls((socket) =>
    onRequests(socket, () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () => socket.destroy()),
    ),
  )
  expect(await poolOf(port, { secure: true }).ask('a')).toMatchObject({ type: 'broken', unanswered: false })
})
