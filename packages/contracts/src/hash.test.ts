import { expect, test } from 'vitest'
import vectors from '../vectors/hash.json' with { type: 'json' }
import { fnv1a32, hashV1, hashV2 } from './hash.ts'

test.each(vectors.fnv1a32)('fnv1a32 of $text is $hash', ({ text, hash }) => {
  expect(fnv1a32(text)).toBe(hash)
})

test.each(vectors.hashV1)(
  'version 1 puts $value under seed $seed at $position',
  ({ seed, value, position }) => {
    expect(hashV1(seed, value)).toBe(position)
  },
)

test.each(vectors.hashV2)(
  'version 2 puts $value under seed $seed at $position',
  ({ seed, value, position }) => {
    expect(hashV2(seed, value)).toBe(position)
  },
)

test('version 2 hashes the decimal text of the first hash, however many digits that has', () => {
  const lengths = new Set<number>()
  for (let index = 0; index < 200_000; index++) {
    const text = String(fnv1a32(`seedu${index}`))
    // Nearly all have nine or ten digits. Those with fewer than five are rare: the vectors have one of each length.
    if (text.length >= 9 && index % 10 !== 0) continue
    lengths.add(text.length)
    expect(hashV2('seed', `u${index}`)).toBe((fnv1a32(text) % 10_000) / 10_000)
  }
  expect([...lengths].sort((a, b) => a - b)).toEqual(expect.arrayContaining([6, 7, 8, 9, 10]))
})
