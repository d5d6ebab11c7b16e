import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GatewayProcess, startGatewayProcess } from '@bulkhead/gateway/testing/gateway-process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FaultySubgraph, startFaultySubgraph } from './harness/gateway-faults/faulty-subgraph.ts'
import {
  answerCatalog,
  answerStock,
  productSupergraph,
  productsFrom,
} from './harness/gateway-faults/product-graph.ts'
import { peakDuring, residentBytes } from './harness/gateway-faults/resident-memory.ts'
import {
  ENTITY_DEADLINE_MS,
  FAULTS,
  GIGABYTE_FAULTS,
  INTERNAL_HOST,
  type SubgraphFault,
} from './harness/gateway-faults/subgraph-faults.ts'
import { type Answer, query } from './harness/graphql.ts'
import { waitUntil } from './harness/wait-until.ts'

const PRODUCTS = 'query Products($from: Int!) { products(from: $from) { id name stock } }'
const WITH_ROOT_FIELD = 'query Sold($from: Int!) { products(from: $from) { id name } sold(from: $from) }'
const DEFERRED = 'query Later($from: Int!) { products(from: $from) { id name ... @defer { stock } } }'

const CONNECTIONS = 8
const REQUESTS = 160
/** Fewer, because the gateway reads 16 MiB for each. */
const GIGABYTE_REQUESTS = 24
/** Fewer than one fault has, because the circuit breaker counts them for five seconds. */
const WARMING_REQUESTS = 120
const LEAVING_ROUNDS = 13

/** For the gigabytes. */
const ROOT_DEADLINE_MS = 30_000
/** Longer than any test takes, so that no deadline can end what a leaving client should. */
const DEFERRED_DEADLINE_MS = 120_000
/** An answer takes one entity deadline at most; the rest is for a busy machine. */
const ANSWER_WITHIN_MS = ENTITY_DEADLINE_MS + 4_000
const SETTLED_WITHIN_MS = 15_000

const MIB = 1024 * 1024
const MAX_GROWTH_BYTES = 150 * MIB
/** The gateway holds 128 MiB of answers that arrive, and expands one compressed answer at a time. */
const MAX_GROWTH_OF_GIGABYTES = 250 * MIB
/** Each compressed answer is expanded to 16 MiB. A fast machine may expand them all before the first of these is collected. */
const MAX_GROWTH_OF_EXPANDED = (128 + GIGABYTE_REQUESTS * 16) * MIB

let folder: string
let catalog: FaultySubgraph
let stock: FaultySubgraph
let gateway: GatewayProcess
let pid: number
let origin: string
/** Of the warmed gateway; null where the system does not tell. */
let baselineBytes: number | null
let lastId = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-faults-'))
  catalog = await startFaultySubgraph(answerCatalog)
  stock = await startFaultySubgraph(answerStock)
  const supergraph = join(folder, 'supergraph.graphql')
  writeFileSync(supergraph, productSupergraph({ catalog: catalog.url, stock: stock.url }))
  gateway = startGatewayProcess(['--supergraph', supergraph, '--port', '0'], {
    ENTITY_DEADLINE_MS: String(ENTITY_DEADLINE_MS),
    ROOT_DEADLINE_MS: String(ROOT_DEADLINE_MS),
    DEFERRED_DEADLINE_MS: String(DEFERRED_DEADLINE_MS),
    LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
  })
  pid = gateway.child.pid ?? 0
  origin = await gateway.ready
  await load(WARMING_REQUESTS, askForAll)
  baselineBytes = await residentBytes(pid)
})

afterAll(async () => {
  gateway?.child.kill('SIGKILL')
  await gateway?.ended
  await Promise.all([catalog?.close(), stock?.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** Each request asks for products of its own, because the gateway makes one fetch of identical ones. */
async function load(count: number, ask: (from: number) => Promise<void>): Promise<void> {
  let left = count
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1
      await ask(nextId())
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
}

function nextId(): number {
  lastId += productsFrom(0).length
  return lastId
}

async function askForAll(from: number): Promise<void> {
  const answer = await query(`${origin}/graphql`, PRODUCTS, { from })
  expect(answer).toMatchObject({ status: 200, data: { products: productsFrom(from) }, errors: [] })
}

/** Asks for the stock of products while its subgraph has this fault. */
async function askForStock({ refusal, failing = [0, 1, 2] }: SubgraphFault, from: number): Promise<void> {
  const begun = performance.now()
  const answer = await query(`${origin}/graphql`, PRODUCTS, { from })
  expect(performance.now() - begun).toBeLessThan(ANSWER_WITHIN_MS)
  const products = productsFrom(from).map((product, index) =>
    failing.includes(index) ? { ...product, stock: null } : product,
  )
  const paths = failing.map((index) => ['products', index, 'stock'])
  expectRefused(answer, { products }, paths, refusal)
}

async function askForRootField({ refusal }: SubgraphFault, from: number): Promise<void> {
  const answer = await query(`${origin}/graphql`, WITH_ROOT_FIELD, { from })
  const products = productsFrom(from).map(({ id, name }) => ({ id, name }))
  expectRefused(answer, { products, sold: null }, [['sold']], refusal)
}

function expectRefused(
  { status, text, data, errors }: Answer,
  expected: object,
  paths: readonly (readonly (string | number)[])[],
  { code, message, retryable }: SubgraphFault['refusal'],
): void {
  expect(status).toBe(200)
  expect(data).toEqual(expected)
  expect(errors).toEqual(
    paths.map((path) => ({
      message,
      path,
      extensions: { code, subgraph: 'stock', retryable, requestId: expect.any(String) },
    })),
  )
  expect(text).not.toContain(INTERNAL_HOST)
  expect(text).not.toContain('127.0.0.1')
}

/** Fetches under way, from all subgraphs. */
async function inFlight(): Promise<number> {
  const metrics = await (await fetch(`${origin}/metrics`)).text()
  const values = metrics.matchAll(/^bulkhead_subgraph_fetches_in_flight\{.*\} (\d+)$/gm)
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0)
}

async function nothingIsUnderWay(): Promise<void> {
  await waitUntil('no fetch is under way', async () => (await inFlight()) === 0, SETTLED_WITHIN_MS)
}

async function expectSameProcess(): Promise<void> {
  const { exitCode, signalCode } = gateway.child
  expect({ pid: gateway.child.pid, exitCode, signalCode }).toEqual({ pid, exitCode: null, signalCode: null })
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
}

function expectGrowthBelow(limitBytes: number, peakBytes: number | null): void {
  if (peakBytes === null || baselineBytes === null) return
  expect(peakBytes - baselineBytes).toBeLessThan(limitBytes)
}

/** Runs the load under the fault, and waits until the gateway has recovered from it. */
async function meet(fault: SubgraphFault, run: () => Promise<void>, maxGrowthBytes: number): Promise<void> {
  stock.behave(fault.behaviour)
  expectGrowthBelow(maxGrowthBytes, await peakDuring(pid, run()))
  await expectSameProcess()
  stock.behave(answerStock)
  // Until the circuit breaker has let a probe through, answers are as they were during the fault.
  await waitUntil('the gateway recovers', () => askForAll(nextId()).then(() => true), SETTLED_WITHIN_MS)
  await load(CONNECTIONS, askForAll)
  await nothingIsUnderWay()
}

test.each(FAULTS)('a subgraph that $name costs its own fields', (fault) =>
  meet(fault, () => load(REQUESTS, (from) => askForStock(fault, from)), MAX_GROWTH_BYTES),
)

/** Reads the first part of a deferred answer, and keeps the stream open. */
async function beginStream(from: number, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' },
    body: JSON.stringify({ query: DEFERRED, variables: { from } }),
    signal,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let first = ''
  while (!first.includes('"hasNext":')) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done) throw new Error(`the answer ends with ${first}`)
    first += value
  }
  expect(first).toContain(`"name":"product ${from}"`)
  expect(first).toContain('"hasNext":true')
}

test('clients that leave in the middle of a stream take their fetches with them', async () => {
  stock.behave(() => undefined)
  async function comeAndLeave(): Promise<void> {
    for (let round = 1; round <= LEAVING_ROUNDS; round += 1) {
      const leaving = new AbortController()
      await load(CONNECTIONS, (from) => beginStream(from, leaving.signal))
      await waitUntil('every fetch arrives', () => stock.calls() === round * CONNECTIONS, SETTLED_WITHIN_MS)
      expect(await inFlight()).toBe(CONNECTIONS)
      leaving.abort()
      await waitUntil('every fetch is cut', () => stock.cut() === stock.calls(), SETTLED_WITHIN_MS)
      await nothingIsUnderWay()
    }
  }
  expectGrowthBelow(MAX_GROWTH_BYTES, await peakDuring(pid, comeAndLeave()))
  expect(stock.calls()).toBe(LEAVING_ROUNDS * CONNECTIONS)
  // Clients that leave say nothing about the subgraph, so the circuit breaker has stayed closed.
  stock.behave(answerStock)
  await load(CONNECTIONS, askForAll)
  await expectSameProcess()
})

test.each(GIGABYTE_FAULTS)('a subgraph that $name costs its own field, and not the memory', (fault) =>
  meet(
    fault,
    () => load(GIGABYTE_REQUESTS, (from) => askForRootField(fault, from)),
    fault.isExpanded === true ? MAX_GROWTH_OF_EXPANDED : MAX_GROWTH_OF_GIGABYTES,
  ),
)

test('the gateway that has met all of this logged outages alone, and stops when it is told to', async () => {
  const messages = gateway
    .stderr()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ level, msg }) => `${level}: ${msg.split('; ')[0]}`)
  expect(new Set(messages)).toEqual(
    new Set(['warn: subgraph fetches failing', 'warn: most subgraph fetches failing']),
  )
  gateway.child.kill('SIGTERM')
  expect(await gateway.ended).toBe(0)
})
