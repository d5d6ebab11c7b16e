import { datastoreUrl, environmentAlone, SUBGRAPHS, type SubgraphName } from '@bulkhead/dev/environment'
import type { DevelopmentSecrets } from '@bulkhead/dev/secrets'
import { runToEnd } from './processes.ts'
import { serveNewestModel } from './serve-model.ts'

/** Loads the demo's catalogue, model and experiment into both datastores; the model serves. */
export async function loadDemo(
  datastores: Readonly<Record<SubgraphName, string>>,
  secrets: DevelopmentSecrets,
): Promise<void> {
  await Promise.all(
    SUBGRAPHS.map((subgraph) =>
      runToEnd(
        subgraph,
        ['demo', '--if-empty'],
        environmentAlone(subgraph, { datastoreUrl: datastores[subgraph], secrets }),
      ),
    ),
  )
  await serveNewestModel(datastores.personalization)
}

export function sqliteUrls(dataDir: string): Record<SubgraphName, string> {
  return {
    personalization: datastoreUrl('personalization', { dataDir, mongodbUrl: null }),
    experimentation: datastoreUrl('experimentation', { dataDir, mongodbUrl: null }),
  }
}
