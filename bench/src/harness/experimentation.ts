import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { datastoreUrl, ENTRY_POINTS, environmentAlone } from '@bulkhead/dev/environment'
import { type DevelopmentSecrets, generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import { runToEnd } from '@bulkhead/e2e/harness/processes'
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

/** A folder for SQLite, with the URL of a datastore in it. It goes with `resources`. */
export function temporarySqlite(resources: AsyncDisposableStack): {
  readonly dataDir: string
  readonly url: string
} {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-bench-experimentation-'))
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  return { dataDir, url: datastoreUrl('experimentation', { dataDir, mongodbUrl: null }) }
}

/** A program that can be started on this datastore, at a free port; the demo is in the datastore. */
export async function prepareExperimentation(options: {
  readonly name: string
  readonly datastoreUrl: string
}): Promise<{ readonly program: ExperimentationProgram; readonly secrets: DevelopmentSecrets }> {
  const [port = 0] = await freePorts(1)
  const secrets = generateDevelopmentSecrets()
  const program = experimentationProgram({ ...options, port, secrets })
  await runToEnd('experimentation', ['demo', '--if-empty'], program.env)
  return { program, secrets }
}
