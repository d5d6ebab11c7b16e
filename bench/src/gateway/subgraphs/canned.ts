import { fileURLToPath } from 'node:url'
import type { SubgraphName } from '@bulkhead/dev/environment'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { z } from 'zod'
import { start } from '../../harness/programs.ts'
import type { Subgraphs } from './subgraphs.ts'

const MAIN = fileURLToPath(new URL('../canned/main.ts', import.meta.url))

const countersSchema = z.object({ fetches: z.number(), connections: z.number() })

export type CannedSubgraph = {
  readonly process: TestProcess
  readonly url: string
  /** From now on it waits so long before each answer. */
  delay(ms: number): Promise<void>
  counters(): Promise<z.infer<typeof countersSchema>>
}

/** A stand-in for one subgraph, in a process of its own. */
export async function startCannedSubgraph(
  name: SubgraphName,
  resources: AsyncDisposableStack,
): Promise<CannedSubgraph> {
  const [port = 0] = await freePorts(1)
  const control = `http://127.0.0.1:${port}/`
  const process = await start(
    {
      name: `canned ${name}`,
      args: [MAIN, '--subgraph', name, '--port', String(port)],
      env: { NODE_ENV: 'production' },
      ready: async () => (await fetch(control)).ok,
    },
    resources,
  )
  return {
    process,
    url: `${control}graphql`,
    delay: async (ms) => void (await fetch(`${control}?delay=${ms}`)),
    counters: async () => countersSchema.parse(await (await fetch(control)).json()),
  }
}

/** Both subgraphs, canned: `counters` counts fetches and the connections that they came over. */
export async function startCannedSubgraphs(resources: AsyncDisposableStack): Promise<Subgraphs> {
  const experimentation = await startCannedSubgraph('experimentation', resources)
  const personalization = await startCannedSubgraph('personalization', resources)
  return {
    kind: 'canned',
    urls: { experimentation: experimentation.url, personalization: personalization.url },
    trust: null,
    async counters() {
      const [one, other] = [await experimentation.counters(), await personalization.counters()]
      return { fetches: one.fetches + other.fetches, connections: one.connections + other.connections }
    },
  }
}
