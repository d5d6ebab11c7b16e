import { fileURLToPath } from 'node:url'
import { ENTRY_POINTS, environmentAlone } from '@bulkhead/dev/environment'
import type { DevelopmentSecrets } from '@bulkhead/dev/secrets'
import type { Program } from './programs.ts'

/** Experimentation alone: the other services are not there. */
export type ExperimentationProgram = Program & {
  readonly env: Readonly<Record<string, string>>
  /** Where it serves, without a path. */
  readonly url: string
}

export function experimentationProgram(options: {
  readonly name: string
  readonly port: number
  readonly datastoreUrl: string
  readonly secrets: DevelopmentSecrets
}): ExperimentationProgram {
  const { name, port, datastoreUrl, secrets } = options
  const url = `http://127.0.0.1:${port}`
  return {
    name,
    args: [fileURLToPath(ENTRY_POINTS.experimentation)],
    env: { ...environmentAlone('experimentation', { datastoreUrl, secrets, port }), LOG_LEVEL: 'warn' },
    ready: async () => (await fetch(`${url}/readyz`)).ok,
    url,
  }
}
