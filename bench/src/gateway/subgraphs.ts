import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SUBGRAPHS, type SubgraphName } from '@bulkhead/dev/environment'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { z } from 'zod'
import { start } from '../harness/programs.ts'

const SUPERGRAPH = new URL('../../../schema/supergraph.graphql', import.meta.url)
const countersSchema = z.object({ fetches: z.number(), connections: z.number() })
const CANNED_MAIN = fileURLToPath(new URL('./canned/canned-main.ts', import.meta.url))

/** The subgraphs that all gateways of one comparison fetch from. */
export type Subgraphs = {
  readonly urls: Readonly<Record<SubgraphName, string>>
  /** What a gateway must send; null where nothing is asked for. */
  readonly gatewaySecret: string | null
  /** Fetches answered, and connections they came over, so far. */
  counters(): Promise<Readonly<Record<'fetches' | 'connections', number>>>
}

export type CannedSubgraphs = Subgraphs & {
  readonly processes: Readonly<Record<SubgraphName, TestProcess>>
}

/** Both subgraphs canned, each in a process of its own. */
export async function startCannedSubgraphs(
  resources: AsyncDisposableStack,
  delayMs: Partial<Readonly<Record<SubgraphName, number>>> = {},
): Promise<CannedSubgraphs> {
  const [personalization = 0, experimentation = 0] = await freePorts(SUBGRAPHS.length)
  const ports = { personalization, experimentation }
  async function startOne(subgraph: SubgraphName): Promise<TestProcess> {
    const port = String(ports[subgraph])
    const delay = String(delayMs[subgraph] ?? 0)
    return start(
      {
        name: `canned ${subgraph}`,
        args: [CANNED_MAIN, '--subgraph', subgraph, '--port', port, '--delay', delay],
        env: { NODE_ENV: 'production' },
        ready: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
      },
      resources,
    )
  }
  return {
    processes: {
      experimentation: await startOne('experimentation'),
      personalization: await startOne('personalization'),
    },
    urls: {
      personalization: `http://127.0.0.1:${personalization}/graphql`,
      experimentation: `http://127.0.0.1:${experimentation}/graphql`,
    },
    gatewaySecret: null,
    async counters() {
      const sum = { fetches: 0, connections: 0 }
      for (const port of Object.values(ports)) {
        const counted = countersSchema.parse(await (await fetch(`http://127.0.0.1:${port}/`)).json())
        sum.fetches += counted.fetches
        sum.connections += counted.connections
      }
      return sum
    },
  }
}

/** Writes the composed supergraph with the real URLs of the subgraphs; returns the file's path. */
export function writeSupergraph(folder: string, urls: Subgraphs['urls']): string {
  let text = readFileSync(SUPERGRAPH, 'utf8')
  for (const subgraph of SUBGRAPHS) {
    text = text.replace(`http://${subgraph}.invalid/graphql`, urls[subgraph])
  }
  const path = join(folder, 'supergraph.graphql')
  writeFileSync(path, text)
  return path
}
