import { expect, test } from 'vitest'
import { probeAfter } from './probe-after.ts'

test('a pause is endless until its time is over, and the next one begins anew', () => {
  let now = 5
  const first = probeAfter(1_000, () => now).next()
  now = 1_004
  expect(first.duration).toBe(Number.POSITIVE_INFINITY)
  now = 1_005
  expect(first.duration).toBe(Number.NEGATIVE_INFINITY)
  const second = first.next()
  expect(second.duration).toBe(Number.POSITIVE_INFINITY)
  now = 2_005
  expect(second.duration).toBe(Number.NEGATIVE_INFINITY)
})
