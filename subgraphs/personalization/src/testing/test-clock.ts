import { NOON } from './samples/time.ts'

export type TestClock = { now(): number; advance(ms: number): void }

/** Stands still but where a test moves it. */
export function createTestClock(start = NOON): TestClock {
  let now = start
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}
