import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENTRY_POINTS, SUBGRAPHS, serviceEnvironment } from '@bulkhead/dev/environment'
import { generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import { runToEnd } from '@bulkhead/e2e/harness/processes'
import { IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { z } from 'zod'
import { signBackend } from '../../harness/backend-identity.ts'
import { start } from '../../harness/programs.ts'
import type { Subgraphs } from './subgraphs.ts'

const readinessSchema = z.object({
  ready: z.boolean(),
  checks: z.object({ snapshot: z.object({ ok: z.boolean() }).optional() }),
})

/** Both subgraphs as they are, on SQLite, with the demo's data. */
export async function startRealSubgraphs(resources: AsyncDisposableStack): Promise<Subgraphs> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-bench-data-'))
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const [personalization = 0, experimentation = 0] = await freePorts(SUBGRAPHS.length)
  const ports = { gateway: 1, personalization, experimentation }
  // The gateway runs with NODE_ENV=production, which refuses the launcher's secrets.
  const gatewaySecret = randomBytes(24).toString('base64url')
  const identityKeyId = 'bench'
  const secrets = { ...generateDevelopmentSecrets(), gatewaySecret, identityKeyId }

  for (const name of SUBGRAPHS) {
    const env = {
      ...serviceEnvironment(name, { ports, dataDir, mongodbUrl: null }, secrets),
      LOG_LEVEL: 'warn',
    }
    await runToEnd(name, ['demo', '--if-empty'], env)
    await start(
      { name, args: [fileURLToPath(ENTRY_POINTS[name])], env, ready: () => isReady(ports[name]) },
      resources,
    )
  }
  return {
    kind: 'real',
    urls: {
      personalization: `http://127.0.0.1:${personalization}/graphql`,
      experimentation: `http://127.0.0.1:${experimentation}/graphql`,
    },
    trust: {
      gatewaySecret,
      identityKeyId,
      identityKey: secrets.identityKey,
      headers: {
        [GATEWAY_SECRET_HEADER]: gatewaySecret,
        [IDENTITY_HEADER]: await signBackend(secrets),
      },
    },
    counters: async () => ({}),
  }
}

/** Personalization is ready only with a snapshot here, since there are no exposures without one. */
async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  const { ready, checks } = readinessSchema.parse(await response.json())
  return ready && checks.snapshot?.ok !== false
}
