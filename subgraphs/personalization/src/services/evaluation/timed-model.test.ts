import { expect, test } from 'vitest'
import type { RecommendationModel } from '../../domain/recommendation-model.ts'
import { timedModel } from './timed-model.ts'

const WAIT_MS = 60

/** @param work what the model does before it answers */
function timeOf(work: () => void): number {
  const model: Pick<RecommendationModel, 'recommend'> = {
    recommend() {
      work()
      return []
    },
  }
  let taken = 0
  timedModel(model as RecommendationModel, (ms) => {
    taken += ms
  }).recommend([], 1)
  return taken
}

test('a list counts with the CPU time that it took, and not with what a busy machine let it wait', () => {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  expect(timeOf(() => void Atomics.wait(cell, 0, 0, WAIT_MS))).toBeLessThan(WAIT_MS / 2)
  const worked = timeOf(() => {
    const before = process.threadCpuUsage()
    while (process.threadCpuUsage(before).user < WAIT_MS * 1_000);
  })
  expect(worked).toBeGreaterThan(WAIT_MS * 0.9)
})
