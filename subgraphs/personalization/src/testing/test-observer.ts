import type { StageObserver } from '../domain/pipeline/stage.ts'

/** Remembers what failed; its clock stands still. */
export function createTestObserver(): StageObserver & {
  readonly failures: string[]
  readonly stages: string[]
} {
  const failures: string[] = []
  const stages: string[] = []
  return {
    failures,
    stages,
    now: () => 0,
    ended: (stage) => stages.push(stage),
    failed: (stage) => failures.push(stage),
  }
}
