import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SUBGRAPHS } from '@bulkhead/dev/environment'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { request } from 'undici'
import type { Reading } from '../harness/load.ts'
import { start } from '../harness/programs.ts'
import { readAnswer } from '../harness/read-answer.ts'
import type { ProviderSettings } from './identity-provider.ts'
import { withoutAccessRules } from './open-supergraph.ts'
import type { Peer } from './peers/peer.ts'
import type { Subgraphs } from './subgraphs/subgraphs.ts'

const SUPERGRAPH = new URL('../../../schema/supergraph.graphql', import.meta.url)

export const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

export type RunningGateway = { readonly process: TestProcess; readonly url: string }

/** Starts a gateway in front of the subgraphs, and waits until it answers. */
export async function startGateway(
  peer: Peer,
  subgraphs: Pick<Subgraphs, 'urls' | 'trust'>,
  provider: ProviderSettings,
  resources: AsyncDisposableStack,
): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}${peer.path}`
  const program = peer.program({
    port,
    folder,
    supergraphPath: writeSupergraph(folder, subgraphs.urls, peer.enforcesAccess === true),
    subgraphUrls: subgraphs.urls,
    trust: subgraphs.trust,
    provider,
  })
  async function ready(): Promise<boolean> {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: JSON_HEADERS,
      body: '{"query":"{ __typename }"}',
    })
    await body.dump()
    return statusCode === 200
  }
  return { process: await start({ name: peer.name, ...program, ready }, resources), url }
}

/** Writes the composed supergraph with the real URLs of the subgraphs; returns the file's path. */
function writeSupergraph(folder: string, urls: Subgraphs['urls'], withAccessRules: boolean): string {
  const committed = readFileSync(SUPERGRAPH, 'utf8')
  let text = withAccessRules ? committed : withoutAccessRules(committed)
  for (const name of SUBGRAPHS) text = text.replace(`http://${name}.invalid/graphql`, urls[name])
  const path = join(folder, 'supergraph.graphql')
  writeFileSync(path, text)
  return path
}

/** One request, read as the load reads it. */
export async function askOnce(
  url: string,
  options: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly reading: Reading
  },
): Promise<string> {
  const { headers, body, reading } = options
  return readAnswer(await request(url, { method: 'POST', headers, body }), reading)
}
