import { type LoadOrder, type Reading, unitOf } from '../harness/load.ts'
import type { LoadProcess } from '../harness/load-client.ts'
import type { Fault } from './faults.ts'
import { startIdentityProvider } from './identity-provider.ts'
import { endsWith, type LaterPart } from './later-part.ts'
import { ourGateway } from './peers/ours.ts'
import { askOnce, JSON_HEADERS, startGateway } from './start-gateway.ts'
import { startCannedSubgraph } from './subgraphs/canned.ts'
import { deferredSlate } from './workloads.ts'

export type FaultsBenchOptions = {
  readonly rounds: number
  /** Of each case in each round, of each kind of client. */
  readonly requests: number
  readonly connections: number
  /** What a client does after the first part. */
  readonly reading: Exclude<Reading, 'whole'>
}

/** One state of experimentation, with a gateway of its own in front of it. */
export type FaultCase = {
  readonly name: string
  readonly laterPart: LaterPart
  readonly url: string
  readonly firstPart: LoadOrder
  readonly plain: LoadOrder
}

export const ENTITY_DEADLINE_MS = 150
/** How much later than at its deadline a plain answer may arrive. */
export const TOLERANCE_MS = 20

const ITEMS = 20
const MAX_ROUND_MS = 120_000
const WARM_UP_REQUESTS = 3_000
const SAMPLE_UNIT = unitOf(999_999_999)
const SAMPLE = deferredSlate(ITEMS)(SAMPLE_UNIT)
const MULTIPART_HEADERS = {
  'content-type': 'application/json',
  accept: 'multipart/mixed;deferSpec=20220824, application/json',
}

/** Starts subgraphs and a gateway, warms them up, and then injects the fault. */
export async function startFaultCase(
  fault: Fault,
  options: Omit<FaultsBenchOptions, 'rounds'> & {
    readonly load: LoadProcess
    readonly resources: AsyncDisposableStack
  },
): Promise<FaultCase> {
  const { load, resources, reading, connections, requests } = options
  const personalization = await startCannedSubgraph('personalization', resources)
  const experimentation = await startCannedSubgraph('experimentation', resources)
  const urls = { personalization: personalization.url, experimentation: experimentation.url }
  const provider = await startIdentityProvider(resources)
  const partsHeaders = { ...MULTIPART_HEADERS, ...provider.headers }
  const peer = ourGateway({ profileFolder: null, entityDeadlineMs: ENTITY_DEADLINE_MS })
  const { url } = await startGateway(peer, { urls, trust: null }, provider.settings, resources)

  const first = await askOnce(url, { headers: partsHeaders, body: SAMPLE, reading })
  if (!first.includes('"hasNext":true') || !first.includes('"totalCount"')) {
    throw new Error(`the gateway does not answer in parts: ${first}`)
  }
  const order = {
    url,
    body: SAMPLE.split(SAMPLE_UNIT),
    connections,
    requests,
    maxMs: MAX_ROUND_MS,
  }
  const firstPart: LoadOrder = {
    ...order,
    headers: partsHeaders,
    reading,
    expected: { type: 'text', parts: first.split(SAMPLE_UNIT) },
  }
  const plain: LoadOrder = {
    ...order,
    headers: { ...JSON_HEADERS, ...provider.headers },
    reading: 'whole',
    withinMs: ENTITY_DEADLINE_MS + TOLERANCE_MS,
    // The exposures may be missing, the items never. The error with its request's id is different each time.
    expected: { type: 'like', minLength: 0, includes: itemsOf(first), excludes: [] },
  }
  for (const each of [firstPart, plain]) await load.run({ ...each, requests: WARM_UP_REQUESTS })
  await fault.inject(experimentation)
  return { name: fault.name, laterPart: fault.laterPart, url, firstPart, plain }
}

/** The part of an answer's text that is the same for all users, from the items on. */
function itemsOf(firstPart: string): string[] {
  const items = /"items":\{.*\}\]\}/.exec(firstPart)?.[0]
  if (items === undefined) throw new Error(`there are no items in ${firstPart}`)
  return [items]
}

/** Reads one answer to its end. Null where its later part is as the fault lets it be; else the end of that answer. */
export async function endOfStream({
  url,
  laterPart,
  firstPart: { headers },
}: FaultCase): Promise<string | null> {
  const text = await askOnce(url, { headers, body: SAMPLE, reading: 'whole' })
  return endsWith(text, laterPart) ? null : text
}
