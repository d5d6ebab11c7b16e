import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('the system’s random bytes are as many as asked for, and others each time', () => {
  const [one, other] = [systemRandom.bytes(16), systemRandom.bytes(16)]
  expect([one.length, other.length]).toEqual([16, 16])
  expect(one).not.toEqual(other)
})

test('the system’s random bytes are as many as asked for, also where they are more than are kept ready', () => {
  for (const n of [0, 1, 4_095, 4_096, 4_097, 100_000]) expect(systemRandom.bytes(n)).toHaveLength(n)
})

test('no random bytes are given away twice, and none that were not drawn', () => {
  const taken = Array.from({ length: 5_000 }, () => Buffer.from(systemRandom.bytes(16)).toString('hex'))
  expect(new Set(taken).size).toBe(5_000)
  expect(taken).not.toContain('0'.repeat(32))
})

test('random bytes belong to whoever asked for them', () => {
  const first = systemRandom.bytes(16)
  const before = [...first]
  systemRandom.bytes(16).fill(0)
  expect([...first]).toEqual(before)
})

test('the system’s random numbers spread over [0, 1)', () => {
  const numbers = Array.from({ length: 2_000 }, () => systemRandom.next())
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  // Each tenth gets about 200; with fewer than 100 in one of them, the chance is below 1e-13.
  const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10))
  expect([...tenths.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const { length } of tenths.values()) expect(length).toBeGreaterThan(100)
})
