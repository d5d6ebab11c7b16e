import { fileURLToPath } from 'node:url'
import { ENTRY_POINTS, serviceEnvironment } from '@bulkhead/dev/environment'
import { generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { start } from '../harness/programs.ts'

export type Replica = {
  readonly name: string
  readonly process: TestProcess
  /** Where it takes in events. */
  readonly url: string
  readonly token: string
}

/** A clock that is late by 50 ms, as clocks of machines are. */
const SLOW_CLOCK = 'data:text/javascript,const{now}=Date;Date.now=()=>now()-50'

/** Processes of experimentation on one MongoDB, the first with a slow clock. They end with `resources`. */
export async function startReplicas(
  database: string,
  count: number,
  resources: AsyncDisposableStack,
): Promise<readonly Replica[]> {
  const secrets = generateDevelopmentSecrets()
  const replicas: Replica[] = []
  for (const port of await freePorts(count)) {
    const topology = {
      ports: { gateway: 1, personalization: 1, experimentation: port },
      dataDir: '.',
      mongodbUrl: null,
    }
    const base = `http://127.0.0.1:${port}`
    const name = `experimentation ${replicas.length + 1}`
    const process = await start(
      {
        name,
        args: [
          ...(replicas.length === 0 ? ['--import', SLOW_CLOCK] : []),
          fileURLToPath(ENTRY_POINTS.experimentation),
        ],
        env: {
          ...serviceEnvironment('experimentation', topology, secrets),
          DATASTORE_URL: database,
          LOG_LEVEL: 'error',
        },
        ready: async () => (await fetch(`${base}/readyz`)).ok,
      },
      resources,
    )
    replicas.push({ name, process, url: `${base}/v1/events`, token: secrets.eventsWriteToken })
  }
  return replicas
}
