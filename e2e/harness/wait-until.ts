import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 50

/**
 * Waits until the condition holds. A rejection counts as "not yet", and its message is quoted when time is up.
 * @throws {Error} that names the condition after `timeoutMs`.
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 30_000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  let last = 'it was false'
  while (performance.now() < end) {
    try {
      if (await condition()) return
      last = 'it was false'
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await sleep(POLL_MS)
  }
  throw new Error(`Not within ${timeoutMs} ms: ${what} (${last})`)
}
