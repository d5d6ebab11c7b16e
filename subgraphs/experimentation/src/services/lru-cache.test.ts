import { expect, test } from 'vitest'
import { createLruCache } from './lru-cache.ts'

test('the entry that was used longest ago makes room', () => {
  const cache = createLruCache<string, number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size()]).toEqual([1, undefined, 3, 2])
})
