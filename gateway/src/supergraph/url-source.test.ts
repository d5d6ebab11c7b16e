import dns, { type LookupAddress } from 'node:dns'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { serve } from '../testing/serve.ts'
import { createSupergraphSource } from './create-supergraph-source.ts'
import { createFileSource } from './file-source.ts'
import { createUrlSource } from './url-source.ts'

const never = new AbortController().signal

type AnswerAddresses = (error: null, addresses: readonly LookupAddress[]) => void

afterEach(() => {
  vi.restoreAllMocks()
})

/** Serves a text that a test can change, with an ETag where `tagged`. */
async function registry({ tagged }: { readonly tagged: boolean }) {
  const state = { text: 'one' }
  const seen: IncomingHttpHeaders[] = []
  const statuses: number[] = []
  const { origin, close } = await serve((request, response) => {
    seen.push(request.headers)
    const etag = `"${state.text}"`
    const unchanged = tagged && request.headers['if-none-match'] === etag
    statuses.push(unchanged ? 304 : 200)
    response.writeHead(unchanged ? 304 : 200, tagged ? { etag } : {}).end(unchanged ? undefined : state.text)
  })
  return { origin, close, state, seen, statuses }
}

test('an unchanged text is not sent again, a changed one is', async () => {
  const { origin, state, statuses } = await registry({ tagged: true })
  const { read } = createUrlSource(`${origin}/supergraph`)
  expect([await read(never), await read(never)]).toEqual(['one', 'one'])
  state.text = 'two'
  expect([await read(never), await read(never)]).toEqual(['two', 'two'])
  expect(statuses).toEqual([200, 304, 200, 304])
})

test('a server without ETags is asked for the whole text each time', async () => {
  const { origin, state, seen } = await registry({ tagged: false })
  const { read } = createUrlSource(`${origin}/supergraph`)
  expect(await read(never)).toBe('one')
  state.text = 'two'
  expect(await read(never)).toBe('two')
  expect(seen.map((headers) => headers['if-none-match'])).toEqual([undefined, undefined])
})

test('a failure in between does not lose the text that an ETag stands for', async () => {
  const answers = [200, 503, 304]
  const { origin } = await serve((_request, response) => {
    response.writeHead(answers.shift() ?? 500, { etag: '"1"' }).end('one')
  })
  const { read } = createUrlSource(origin)
  expect(await read(never)).toBe('one')
  await expect(read(never)).rejects.toThrow('HTTP 503')
  expect(await read(never)).toBe('one')
})

test.each([
  ['404', 404],
  ['a redirect', 302],
  ['"not modified", unasked', 304],
])('an answer of %s is no supergraph', async (_name, status) => {
  const { origin } = await serve((_request, response) => response.writeHead(status).end())
  await expect(createUrlSource(`${origin}/it`).read(never)).rejects.toThrow(
    `${origin}/it: it answered with HTTP ${status}`,
  )
})

test('a text over the limit is not read to its end', async () => {
  let ended = false
  const { origin } = await serve((_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 1)
    response.on('close', () => {
      clearInterval(timer)
      ended = true
    })
  })
  const { read } = createUrlSource(origin, { deadlineMs: 10_000, maxBytes: 5_000 })
  await expect(read(never)).rejects.toThrow('over 5000 bytes')
  await expect.poll(() => ended).toBe(true)
})

test.each([
  ['nothing', () => {}],
  ['headers only', (response) => response.writeHead(200).flushHeaders()],
  ['half of the text', (response) => response.writeHead(200, { 'content-length': 100 }).write('half')],
] satisfies [string, (response: Parameters<RequestListener>[1]) => void][])(
  'a server that sends %s and then hangs is given up at the deadline',
  async (_name, answer) => {
    const { origin } = await serve((_request, response) => answer(response))
    const { read } = createUrlSource(origin, { deadlineMs: 100, maxBytes: 5_000 })
    await expect(read(never)).rejects.toThrow('no complete answer within 100 ms')
  },
)

test('a connection that breaks off makes no text', async () => {
  const { origin } = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy())
  })
  await expect(createUrlSource(origin).read(never)).rejects.toThrow(origin)
})

test('a read is given up when its signal aborts', async () => {
  const controller = new AbortController()
  const { origin } = await serve(() => controller.abort(new Error('stopping')))
  await expect(createUrlSource(origin).read(controller.signal)).rejects.toThrow('stopping')
})

test('a server that is not there is named with the reason', async () => {
  const { origin, close } = await serve(() => {})
  await close()
  await expect(createUrlSource(origin).read(never)).rejects.toThrow(`${origin}/: connect ECONNREFUSED`)
})

test('the reason is there also where a name has several addresses, of which none answers', async () => {
  const { origin, close } = await serve(() => {})
  const { port } = new URL(origin)
  await close()
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, answer: AnswerAddresses) =>
    answer(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ])) as typeof dns.lookup)
  const { read } = createUrlSource(`http://several.example:${port}`)
  await expect(read(never)).rejects.toThrow(`http://several.example:${port}/: ECONNREFUSED`)
})

test('credentials are sent, and are neither shown nor in messages', async () => {
  const { origin, close, seen } = await registry({ tagged: false })
  const location = `${origin.replace('//', '//me:pass%3Aword@')}/it?token=hidden`
  const source = createUrlSource(location)
  await source.read(never)
  expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('me:pass:word').toString('base64')}`)
  expect(source.place).toEqual({ url: `${origin}/it` })
  await close()
  const failure = await source.read(never).catch((error: Error) => error)
  expect(String(failure)).toContain(`${origin}/it`)
  expect(String(failure)).not.toMatch(/pass|hidden/)
})

test('a URL is read over HTTP, anything else is a file', () => {
  expect(createSupergraphSource('HTTP://registry.example/x').place).toEqual({
    url: 'http://registry.example/x',
  })
  expect(createSupergraphSource('supergraphs/http.graphql').place).toEqual({
    path: 'supergraphs/http.graphql',
  })
})

test.each(['http://', 'https://me:word@', 'http:'])('%s is refused without being shown', (location) => {
  expect(() => createSupergraphSource(location)).toThrow(
    /^The URL of the supergraph is not an absolute [^@]* URL$/,
  )
})

test('a file is given up when its signal aborts', async () => {
  const { read } = createFileSource(new URL(import.meta.url).pathname)
  expect(await read(never)).toContain('a file is given up')
  await expect(read(AbortSignal.abort())).rejects.toThrow(/abort/i)
})
