import { datastoreUrl, SUBGRAPHS, type SubgraphName, serviceEnvironment } from '@bulkhead/dev/environment'
import type { DevelopmentSecrets } from '@bulkhead/dev/secrets'
import { runToEnd } from './processes.ts'

/** Loads the demo's catalogue, model and experiment into both datastores. */
export async function loadDemo(
  datastores: Readonly<Record<SubgraphName, string>>,
  secrets: DevelopmentSecrets,
): Promise<void> {
  const topology = {
    ports: { gateway: 1, personalization: 1, experimentation: 1 },
    dataDir: '.',
    mongodbUrl: null,
  }
  await Promise.all(
    SUBGRAPHS.map((subgraph) =>
      runToEnd(subgraph, ['demo', '--if-empty'], {
        ...serviceEnvironment(subgraph, topology, secrets),
        DATASTORE_URL: datastores[subgraph],
      }),
    ),
  )
}

export function sqliteUrls(dataDir: string): Record<SubgraphName, string> {
  return {
    personalization: datastoreUrl('personalization', { dataDir, mongodbUrl: null }),
    experimentation: datastoreUrl('experimentation', { dataDir, mongodbUrl: null }),
  }
}
