import { expect, test } from 'vitest'
import { createCoarseThreadCpu, threadCpuMs } from './thread-cpu.ts'

test('a coarse reading is taken again when it is too old, and not before', () => {
  let now = 0
  let cpu = 0
  let readings = 0
  function read(): number {
    readings++
    return cpu
  }
  const coarse = createCoarseThreadCpu(5, read, () => now)
  const answers = [0, 3, 5, 6, 11, 12].map((time) => {
    now = time
    cpu = time * 10
    return coarse()
  })
  expect({ answers, readings }).toEqual({ answers: [0, 0, 0, 60, 60, 120], readings: 3 })
})

test('what this thread works counts, to the age of a reading', () => {
  const coarse = createCoarseThreadCpu(1)
  const exactStart = threadCpuMs()
  const start = coarse()
  while (threadCpuMs() - exactStart < 30);
  const end = performance.now() + 2
  while (performance.now() < end);
  expect(coarse() - start).toBeGreaterThan(25)
})
