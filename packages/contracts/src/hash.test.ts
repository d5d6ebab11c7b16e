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
