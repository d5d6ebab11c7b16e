import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEndpointClients } from './endpoint-clients.ts'
import type { SubgraphEndpoint } from './subgraph-endpoints.ts'

const DRAIN_MS = 1_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function endpoint(
  name: string,
  url = `http://${name}.example`,
  secret: string | null = null,
): SubgraphEndpoint {
  return { name, url, secret }
}

function clientsOfEndpoints() {
  const closed: string[] = []
  const open = vi.fn(({ name, url }: SubgraphEndpoint) => ({
    url,
    async close() {
      closed.push(`${name} ${url}`)
    },
  }))
  return { ...createEndpointClients({ open, drainMs: DRAIN_MS }), open, closed }
}

test('a subgraph that stays keeps its client, and with it its connections', () => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a'), endpoint('b')])
  const before = clients.clientOf('b')
  clients.use([endpoint('b'), endpoint('c')])
  expect(before).toBeDefined()
  expect(clients.clientOf('b')).toBe(before)
  expect(clients.clientOf('c')?.url).toBe('http://c.example')
  expect(clients.open).toHaveBeenCalledTimes(3)
})

test('a subgraph that has gone can be used by requests under way, and is closed after the drain', () => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a'), endpoint('b')])
  clients.use([endpoint('b')])
  vi.advanceTimersByTime(DRAIN_MS - 1)
  expect(clients.clientOf('a')?.url).toBe('http://a.example')
  expect(clients.closed).toEqual([])
  vi.advanceTimersByTime(1)
  expect(clients.clientOf('a')).toBeUndefined()
  expect(clients.closed).toEqual(['a http://a.example'])
})

test.each([
  ['URL', endpoint('a', 'http://moved.example')],
  ['secret', endpoint('a', 'http://a.example', 'a-secret')],
])('a subgraph whose %s has changed gets a new client, and the old one is drained', (_name, changed) => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a')])
  const before = clients.clientOf('a')
  clients.use([changed])
  const after = clients.clientOf('a')
  expect(after).not.toBe(before)
  expect(after?.url).toBe(changed.url)
  vi.advanceTimersByTime(DRAIN_MS)
  expect(clients.closed).toEqual(['a http://a.example'])
  expect(clients.clientOf('a')).toBe(after)
})

test('further reloads neither prolong the drain nor close twice', () => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a'), endpoint('b')])
  clients.use([endpoint('b')])
  vi.advanceTimersByTime(DRAIN_MS / 2)
  clients.use([endpoint('b')])
  vi.advanceTimersByTime(DRAIN_MS / 2)
  expect(clients.closed).toEqual(['a http://a.example'])
  vi.advanceTimersByTime(DRAIN_MS)
  expect(clients.closed).toEqual(['a http://a.example'])
})

test('a subgraph that comes back during its drain is not closed', () => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a')])
  const before = clients.clientOf('a')
  clients.use([])
  vi.advanceTimersByTime(DRAIN_MS - 1)
  clients.use([endpoint('a')])
  expect(clients.clientOf('a')).toBe(before)
  vi.advanceTimersByTime(DRAIN_MS * 2)
  expect(clients.closed).toEqual([])
})

test('a close closes each client once, the draining ones too', async () => {
  const clients = clientsOfEndpoints()
  clients.use([endpoint('a'), endpoint('b')])
  clients.use([endpoint('b')])
  await clients.close()
  vi.advanceTimersByTime(DRAIN_MS)
  expect(clients.closed).toEqual(['a http://a.example', 'b http://b.example'])
})
