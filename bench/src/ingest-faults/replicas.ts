import { generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { experimentationProgram } from '../harness/experimentation.ts'
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
    const name = `experimentation ${replicas.length + 1}`
    const program = experimentationProgram({ name, port, datastoreUrl: database, secrets })
    const args = replicas.length === 0 ? ['--import', SLOW_CLOCK, ...program.args] : program.args
    const process = await start({ ...program, args }, resources)
    replicas.push({ name, process, url: `${program.url}/v1/events`, token: secrets.eventsWriteToken })
  }
  return replicas
}
