import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from './statistics.ts'

/**
 * Asks at a fixed rate, whether the last answer is there or not: what holds up the server shows in every request that
 * should have been answered meanwhile.
 * @param ask resolves with how long its request took, milliseconds
 * @returns the 99th percentile, milliseconds
 */
export async function p99AtRate(
  ask: () => Promise<number>,
  { intervalMs, turnMs }: { readonly intervalMs: number; readonly turnMs: number },
): Promise<number> {
  const asked: Promise<number>[] = []
  const end = performance.now() + turnMs
  while (performance.now() < end) {
    asked.push(ask())
    await sleep(intervalMs)
  }
  return percentile(Float64Array.from(await Promise.all(asked)).sort(), 99)
}
