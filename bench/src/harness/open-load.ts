import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from './statistics.ts'

/**
 * Asks at a fixed rate, whether the last answer is there or not: what holds up the server shows in every request that
 * should have been answered meanwhile.
 * @param ask resolves with how long its request took, milliseconds
 * @returns how long each took, milliseconds
 */
export async function latenciesAtRate(
  ask: () => Promise<number>,
  { intervalMs, turnMs }: { readonly intervalMs: number; readonly turnMs: number },
): Promise<readonly number[]> {
  const asked: Promise<number>[] = []
  const end = performance.now() + turnMs
  while (performance.now() < end) {
    asked.push(ask())
    await sleep(intervalMs)
  }
  return Promise.all(asked)
}

/** The 99th percentile of what `latenciesAtRate` gives. */
export async function p99AtRate(...asked: Parameters<typeof latenciesAtRate>): Promise<number> {
  return p99Of(await latenciesAtRate(...asked))
}

export function p99Of(latencies: readonly number[]): number {
  return percentile(Float64Array.from(latencies).sort(), 99)
}
