import { isDeepStrictEqual } from 'node:util'
import { isRecord, parseJson } from '@bulkhead/service/json'
import { type Expected, unitOf } from '../harness/load.ts'
import { type Contestant, type Measured, measureInTurns, type RoundsOptions } from '../harness/rounds.ts'
import { startIdentityProvider } from './identity-provider.ts'
import type { Peer } from './peers/peer.ts'
import { askOnce, JSON_HEADERS, startGateway } from './start-gateway.ts'
import type { Subgraphs } from './subgraphs/subgraphs.ts'
import type { Workload } from './workloads.ts'

/** Not one of those that the load uses. */
const SAMPLE_UNIT = unitOf(999_999_999)
/** Real slates of one size differ a little in length, since their items do. */
const LEAST_SHARE_OF_LENGTH = 0.8

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
  const provider = await startIdentityProvider(resources)
  const headers = { ...JSON_HEADERS, ...provider.headers }
  let agreed: unknown
  for (const peer of peers) {
    const { process, url } = await startGateway(peer, subgraphs, provider.settings, resources)
    const sample = await readSample(peer.name, { url, headers }, workload, subgraphs.kind)
    agreed ??= sample.data
    if (!isDeepStrictEqual(sample.data, agreed)) {
      throw new Error(`${peer.name} and ${peers[0]?.name} answer ${workload.name} with different data`)
    }
    contestants.push({
      name: peer.name,
      process,
      order: {
        url,
        headers,
        body: workload.body(SAMPLE_UNIT).split(SAMPLE_UNIT),
        reading: 'whole',
        expected: sample.expected,
        connections,
      },
    })
  }
  return await measureInTurns(contestants, options)
}

type Sample = {
  /** What all gateways must agree on. */
  readonly data: unknown
  readonly expected: Expected
}

async function readSample(
  name: string,
  { url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  workload: Workload,
  kind: Subgraphs['kind'],
): Promise<Sample> {
  const text = await askOnce(url, {
    headers,
    body: workload.body(SAMPLE_UNIT),
    reading: 'whole',
  })
  const answer = parseJson(text)
  if (!isRecord(answer) || !isRecord(answer.data) || answer.errors !== undefined) {
    throw new Error(`${name} does not answer ${workload.name}: ${text.slice(0, 500)}`)
  }
  if (kind === 'canned') {
    return { data: answer.data, expected: { type: 'text', parts: text.split(SAMPLE_UNIT) } }
  }
  // Each call serves a slate of its own, so that only the form can be compared.
  return {
    data: formOf(answer.data),
    expected: {
      type: 'like',
      minLength: text.length * LEAST_SHARE_OF_LENGTH,
      includes: [],
      excludes: ['"errors":', '"exposures":null'],
    },
  }
}

/** The value without what stands at its leaves. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf)
  if (!isRecord(value)) return null
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, formOf(field)]))
}
