import { setTimeout as sleep } from 'node:timers/promises'

/** Between two questions, unless said otherwise. */
const PAUSE_MS = 150

/**
 * Asks again and again until the answer is not null.
 * @throws Error that says what was waited for, after `timeoutMs`; whatever `ask` throws; an AbortError
 */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer | null>,
  options: { readonly signal: AbortSignal; readonly timeoutMs?: number; readonly pauseMs?: number },
): Promise<Answer> {
  const { signal, timeoutMs = 30_000, pauseMs = PAUSE_MS } = options
  const end = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() >= end) throw new Error(`waited ${timeoutMs / 1_000} s in vain until ${what}`)
    await sleep(pauseMs, undefined, { signal })
  }
}
