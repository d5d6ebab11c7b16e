import { expect, test } from 'vitest'
import { createLoadFailures } from './load-failures.ts'

test('what may pass is tried again at growing pauses, of at most 63 runs in the end', () => {
  const failures = createLoadFailures()
  const tries: number[] = []
  for (let run = 0; run < 300; run++) {
    if (failures.reasonNotToTry('v1') !== null) continue
    tries.push(run)
    failures.failed('v1', 'the thread has ended')
  }
  expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 191, 255])
})

test('a version that was loaded, or that nobody has tried, is tried at once', () => {
  const failures = createLoadFailures()
  expect(failures.reasonNotToTry('v1')).toBeNull()
  for (const problem of ['one', 'two', 'three']) expect(failures.failed('v1', problem)).toBe(problem)
  expect(failures.reasonNotToTry('v1')).toBe('three')
  expect(failures.reasonNotToTry('v2')).toBeNull()
  failures.loaded('v1')
  failures.failed('v1', 'again')
  expect(failures.reasonNotToTry('v1')).toBeNull()
})

test('a broken artefact is never tried again', () => {
  const failures = createLoadFailures()
  failures.broken('v1', 'no artefact at all')
  for (let run = 0; run < 1_000; run++) expect(failures.reasonNotToTry('v1')).toBe('no artefact at all')
})

test('only so many versions are remembered', () => {
  const failures = createLoadFailures()
  for (let version = 0; version <= 100; version++) failures.broken(`v${version}`, 'broken')
  expect(failures.reasonNotToTry('v0')).toBeNull()
  expect(failures.reasonNotToTry('v100')).toBe('broken')
})
