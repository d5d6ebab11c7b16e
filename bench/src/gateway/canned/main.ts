import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SUBGRAPHS } from '@bulkhead/dev/environment'
import { parseJson } from '@bulkhead/service/json'
import { graphql } from 'graphql'
import { UNIT_PATTERN, unitOf } from '../../harness/load.ts'
import { loadCannedSchema } from './schema.ts'

/**
 * A stand-in for one subgraph that costs next to nothing, so that the gateway is what is measured. It executes the
 * first request of each kind, and answers the others, which differ in the unit only, with the same text.
 */
const { values } = parseArgs({
  options: {
    subgraph: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
  },
})
const subgraph = SUBGRAPHS.find((name) => name === values.subgraph)
if (subgraph === undefined) throw new Error(`--subgraph is one of ${SUBGRAPHS.join(', ')}`)
const schema = await loadCannedSchema(subgraph)

/** Longer than a peer waits while the others have their turns: a connection closed here would cost it a failed fetch. */
const KEEP_ALIVE_MS = 3_600_000
const UNIT_OF_TEMPLATES = unitOf(0)

/** By the request's body without its unit: the answer, cut where the unit goes. */
const templates = new Map<string, readonly string[]>()
/** Before each answer. */
let delayMs = 0
const counters = { fetches: 0, connections: 0 }

async function templateOf(body: string, unit: string): Promise<readonly string[]> {
  const key = body.replaceAll(unit, UNIT_OF_TEMPLATES)
  let template = templates.get(key)
  if (template === undefined) {
    template = (await execute(key)).split(UNIT_OF_TEMPLATES)
    templates.set(key, template)
  }
  return template
}

async function execute(body: string): Promise<string> {
  const request = parseJson(body) as { query: string; variables?: Record<string, unknown> }
  const result = await graphql({
    schema,
    source: request.query,
    variableValues: request.variables ?? {},
  })
  if (result.errors) process.stderr.write(`${subgraph}: ${JSON.stringify(result.errors)} for ${body}\n`)
  return JSON.stringify(result)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const unit = UNIT_PATTERN.exec(body)?.[0] ?? UNIT_OF_TEMPLATES
  const text = (await templateOf(body, unit)).join(unit)
  if (delayMs > 0) await sleep(delayMs)
  send(response, text)
}

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** The bench reads the counters and sets the delay (`GET /?delay=MS`) over a connection of its own. */
function control(request: IncomingMessage, response: ServerResponse): void {
  const delay = new URL(request.url ?? '/', 'http://canned').searchParams.get('delay')
  if (delay !== null) delayMs = Number(delay)
  send(response, JSON.stringify(counters))
}

const known = new WeakSet<object>()
const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
  if (request.method !== 'POST') return control(request, response)
  counters.fetches++
  if (!known.has(request.socket)) {
    known.add(request.socket)
    counters.connections++
  }
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${subgraph}: ${error}\n`)
    response.destroy()
  })
})
server.listen(Number(values.port), '127.0.0.1')
