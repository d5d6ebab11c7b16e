import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerQuery } from './testing/answer-query.ts'
import { composeSample } from './testing/compose-sample.ts'
import { type GatewayProcess, startGatewayProcess } from './testing/gateway-process.ts'
import { serve } from './testing/serve.ts'

const OWN_SUPERGRAPH = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url))
const SECRET = 'a-secret-of-the-gateway'
const SECRET_HEADER = 'x-bulkhead-gateway-secret'
/** Longer than the deadline that entities have in front of our own subgraphs. */
const SLOW_MS = 300
const PATIENCE = { timeout: 15_000, interval: 50 }

let folder: string
let path: string
const cleanups: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-gateway-'))
  path = join(folder, 'supergraph.graphql')
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await rm(folder, { recursive: true })
})

/** A subgraph that answers everything with what is selected of this. */
async function subgraph(data: unknown, delayMs = 0) {
  const seen: IncomingHttpHeaders[] = []
  const { origin } = await serve(async (request, response) => {
    seen.push(request.headers)
    const { query } = JSON.parse(await text(request))
    await sleep(delayMs)
    response.end(JSON.stringify({ data: answerQuery(query, data) }))
  })
  return { url: `${origin}/graphql`, seen }
}

const SHOP = `type Query { product: Product } type Product @key(fields: "id") { id: ID!  name: String }`
const REVIEWS = `type Product @key(fields: "id") { id: ID!  stars: Int }`
const QUERY = '{ product { name stars } }'

/** Two subgraphs that answer QUERY, and the supergraph that they make. */
async function shopWithReviews() {
  const shop = await subgraph({ product: { __typename: 'Product', id: '1', name: 'Lamp' } })
  const reviews = await subgraph({ _entities: [{ __typename: 'Product', stars: 4 }] }, SLOW_MS)
  const urls: Readonly<Record<string, string>> = { shop: shop.url, reviews: reviews.url }
  const compose = (subgraphs: Readonly<Record<string, string>>) =>
    composeSample(subgraphs, (name) => urls[name] ?? '')
  return { shop, reviews, compose, sdl: compose({ shop: SHOP, reviews: REVIEWS }) }
}

function start(...args: Parameters<typeof startGatewayProcess>): GatewayProcess {
  const gateway = startGatewayProcess(...args)
  cleanups.push(async () => {
    gateway.child.kill('SIGKILL')
    await gateway.ended
  })
  return gateway
}

async function ask(origin: string, query: string) {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

const COMPLETE = { data: { product: { name: 'Lamp', stars: 4 } } }

test('it serves the subgraphs of a supergraph, says where in one line, and sends them no secret', async () => {
  const { shop, reviews, sdl } = await shopWithReviews()
  await writeFile(path, sdl)
  const gateway = start(['--supergraph', path, '--port', '0'], { GATEWAY_SECRET: SECRET })
  const origin = await gateway.ready
  expect(gateway.stdout()).toMatch(/^gateway is up at http:\/\/127\.0\.0\.1:\d+\/graphql\n$/)

  expect(await ask(origin, QUERY)).toEqual(COMPLETE)
  expect([shop.seen.length, reviews.seen.length]).toEqual([1, 1])
  for (const headers of [...shop.seen, ...reviews.seen]) expect(headers).not.toHaveProperty(SECRET_HEADER)

  for (const route of ['healthz', 'readyz', 'metrics']) {
    expect([route, (await fetch(`${origin}/${route}`)).status]).toEqual([route, 200])
  }
})

test('it reloads a changed file, and goes on serving when the new one is broken', async () => {
  const { compose, sdl } = await shopWithReviews()
  await writeFile(path, compose({ shop: SHOP }))
  const gateway = start(['--supergraph', path, '--port', '0'], { SUPERGRAPH_POLL_MS: '50' })
  const origin = await gateway.ready
  expect(await ask(origin, QUERY)).toMatchObject({ errors: [{ message: expect.stringContaining('stars') }] })

  await writeFile(path, sdl)
  await expect.poll(() => ask(origin, QUERY), PATIENCE).toEqual(COMPLETE)

  await writeFile(path, composeSample({ shop: 'type Query { secret: Int @policy(policies: [["p"]]) }' }))
  // While the file is being written the gateway may read a part of it, and refuse that first.
  await expect
    .poll(() => gateway.stderr(), PATIENCE)
    .toContain('specs.apollo.dev/policy/v0.1 is for: SECURITY')
  expect(await (await fetch(`${origin}/metrics`)).text()).toMatch(
    /^bulkhead_supergraph_reload_failed\{.*\} 1$/m,
  )
  expect(await ask(origin, QUERY)).toEqual(COMPLETE)
  const readiness = await fetch(`${origin}/readyz`)
  expect([readiness.status, await readiness.json()]).toMatchObject([
    200,
    { checks: { supergraph: { ok: false } } },
  ])
})

test('it takes the supergraph from a URL, reloads it from there, and outlives that server', async () => {
  const { compose, sdl } = await shopWithReviews()
  let text = compose({ shop: SHOP })
  const registry = await serve((_request, response) => response.end(text))
  const gateway = start(['--supergraph', `${registry.origin}/supergraph`, '--port', '0'], {
    SUPERGRAPH_POLL_MS: '50',
  })
  const origin = await gateway.ready
  text = sdl
  await expect.poll(() => ask(origin, QUERY), PATIENCE).toEqual(COMPLETE)
  await registry.close()
  await expect.poll(() => gateway.stderr(), PATIENCE).toContain('supergraph document refused')
  expect(await ask(origin, QUERY)).toEqual(COMPLETE)
})

test.each([
  ['with the secret where one is set', { GATEWAY_SECRET: SECRET }, SECRET],
  ['without one where none is set', {}, undefined],
])('our own subgraphs are reached at the URLs of the settings, %s', async (_name, secretSetting, sent) => {
  const personalization = await subgraph({})
  const gateway = start(['--supergraph', OWN_SUPERGRAPH, '--port', '0'], {
    PERSONALIZATION_URL: personalization.url,
    ...secretSetting,
  })
  const origin = await gateway.ready
  await ask(origin, '{ item(id: "i1") { title } }')
  expect(personalization.seen.map((headers) => headers[SECRET_HEADER])).toEqual([sent])
})

test.each([
  [
    'a file that is not there',
    ['--supergraph', '/not/there'],
    "no such file or directory, open '/not/there'",
  ],
  ['a URL that is away', ['--supergraph', 'http://127.0.0.1:1/it'], '127.0.0.1:1/it: connect ECONNREFUSED'],
  ['no supergraph', ['--supergraph', fileURLToPath(import.meta.url)], 'cli.test.ts is not a supergraph'],
  ['an unknown option', ['--supergrape', 'x'], "unknown option '--supergrape'"],
])('for %s it says so in one line, and ends with 1', async (_name, args, message) => {
  const { ended, stdout, stderr } = start(args)
  expect([await ended, stdout(), stderr()]).toEqual([1, '', expect.stringMatching(/^[^\n]+\n$/)])
  expect(stderr()).toContain(message)
})

test('for a port that is taken it says so in one line, and ends with 1', async () => {
  const { origin } = await serve(() => {})
  const { port } = new URL(origin)
  const { ended, stderr } = start(['--supergraph', OWN_SUPERGRAPH, '--port', port], { LOG_LEVEL: 'warn' })
  expect(await ended).toBe(1)
  expect(stderr()).toBe(`gateway: PORT ${port} is taken: stop what listens there or set PORT\n`)
})

test('SIGTERM lets the request under way end, then the process ends with 0', async () => {
  const { sdl, reviews } = await shopWithReviews()
  await writeFile(path, sdl)
  const gateway = start(['--supergraph', path, '--port', '0'])
  const origin = await gateway.ready
  const answer = ask(origin, QUERY)
  await expect.poll(() => reviews.seen.length, PATIENCE).toBe(1)
  gateway.child.kill('SIGTERM')
  expect(await answer).toEqual(COMPLETE)
  expect(await gateway.ended).toBe(0)
})

/** Runs Node with these arguments as the child of another process, as the shell of npm does. */
function inAShell(nodeArgs: readonly string[]): readonly string[] {
  const args = JSON.stringify(nodeArgs)
  return ['--eval', `require('node:child_process').spawn(process.execPath, ${args}, { stdio: 'inherit' })`]
}

test('started by npm, it ends when npm has ended, so that its port is free for the next start', async () => {
  const gateway = start(
    ['--supergraph', OWN_SUPERGRAPH, '--port', '0'],
    { npm_lifecycle_script: 'node --import ./dev/check-node.mjs gateway/src/cli.ts' },
    inAShell,
  )
  const { port } = new URL(await gateway.ready)
  gateway.child.kill('SIGKILL')
  // Its output ends when the gateway has ended too, since both write to the same pipe.
  await gateway.ended
  expect(gateway.stderr()).toContain('"msg":"stopped"')
  const refused = await new Promise((resolve) => {
    connect(Number(port), '127.0.0.1').once('error', resolve).once('connect', resolve)
  })
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
})
