import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { SERVICES, type ServiceName, type Topology } from '../environment.ts'

const POLL_MS = 100
const REQUEST_TIMEOUT_MS = 2_000

type Probe = { readonly ok: boolean; readonly body: unknown }

async function probe(port: number, path: string): Promise<Probe> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    return { ok: response.ok, body: await response.json() }
  } catch {
    return { ok: false, body: null }
  }
}

/** Whether a Bulkhead service answers on this port. */
export async function isAlive(port: number): Promise<boolean> {
  return (await probe(port, '/healthz')).ok
}

const readinessSchema = z.object({ checks: z.object({ snapshot: z.object({ ok: z.boolean() }) }) })

function hasSnapshot(body: unknown): boolean {
  const parsed = readinessSchema.safeParse(body)
  return parsed.success && parsed.data.checks.snapshot.ok
}

/**
 * Waits until every service is ready and personalization has its first snapshot; false when `timeoutMs` ran out
 * or `signal` aborted first.
 */
export async function waitUntilReady(
  ports: Topology['ports'],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  async function isReady(name: ServiceName): Promise<boolean> {
    const { ok, body } = await probe(ports[name], '/readyz')
    return ok && (name !== 'personalization' || hasSnapshot(body))
  }
  while (!signal.aborted && performance.now() < deadline) {
    const ready = await Promise.all(SERVICES.map(isReady))
    if (ready.every(Boolean)) return true
    await sleep(POLL_MS)
  }
  return false
}
