import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { isRecord, parseJson } from '@bulkhead/service/json'
import type { Expected } from '../harness/load.ts'
import { unitOf } from '../harness/load.ts'
import { start } from '../harness/programs.ts'
import { type Contestant, type Measured, measureInTurns, type RoundsOptions } from '../harness/rounds.ts'
import type { Peer } from './peers/peer.ts'
import { type Subgraphs, writeSupergraph } from './subgraphs.ts'
import type { Workload } from './workloads.ts'

/** Not one of those that the load uses. */
const SAMPLE_UNIT = unitOf(999_999_999)
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

/** Starts every gateway in front of the subgraphs, asserts that all give the same data, and measures them in turns. */
export async function compareGateways(
  peers: readonly Peer[],
  options: RoundsOptions & {
    readonly subgraphs: Subgraphs
    readonly workload: Workload
    readonly connections: number
  },
): Promise<readonly Measured[]> {
  const { subgraphs, workload, connections } = options
  await using resources = new AsyncDisposableStack()
  const contestants: Contestant[] = []
  let agreed: Sample | undefined
  for (const peer of peers) {
    const { process, url } = await startGateway(peer, subgraphs, resources)
    const sample = await readSample(peer.name, url, workload)
    agreed ??= sample
    if (!isDeepStrictEqual(sample.data, agreed.data)) {
      throw new Error(`${peer.name} and ${peers[0]?.name} answer ${workload.name} with different data`)
    }
    contestants.push({
      name: peer.name,
      process,
      order: {
        url,
        headers: HEADERS,
        body: workload.body(SAMPLE_UNIT).split(SAMPLE_UNIT),
        expected: sample.expected,
        connections,
      },
    })
  }
  return await measureInTurns(contestants, options)
}

async function startGateway(
  peer: Peer,
  subgraphs: Subgraphs,
  resources: AsyncDisposableStack,
): Promise<{ process: TestProcess; url: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}${peer.path}`
  const process = await start(
    {
      name: peer.name,
      ...peer.program({
        port,
        folder,
        supergraphPath: writeSupergraph(folder, subgraphs.urls),
        subgraphUrls: subgraphs.urls,
        gatewaySecret: subgraphs.gatewaySecret,
      }),
      ready: async () => (await post(url, '{"query":"{ __typename }"}')).ok,
    },
    resources,
  )
  return { process, url }
}

type Sample = { readonly data: unknown; readonly expected: Expected }

async function readSample(name: string, url: string, workload: Workload): Promise<Sample> {
  const text = await (await post(url, workload.body(SAMPLE_UNIT))).text()
  const answer = parseJson(text)
  if (!isRecord(answer) || !isRecord(answer.data) || answer.errors !== undefined) {
    throw new Error(`${name} does not answer ${workload.name}: ${text.slice(0, 500)}`)
  }
  return { data: answer.data, expected: { type: 'text', parts: text.split(SAMPLE_UNIT) } }
}

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', headers: HEADERS, body })
}
