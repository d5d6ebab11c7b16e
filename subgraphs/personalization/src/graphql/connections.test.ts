import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { slateItemConnection } from './connections.ts'

test('the pages of a slate neither overlap nor miss an item, whatever their sizes', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70 }), sizes, (count, firsts) => {
      const ids = Array.from({ length: count }, (_, at) => `i${at}`)
      const slate = sampleSlate('s1', { items: sampleSlateItems(...ids) })
      const walked: { readonly rank: number; readonly itemId: string }[] = []
      let after: string | null = null
      for (let page = 0; ; page++) {
        const first = firsts[page % firsts.length] ?? 1
        const { edges, pageInfo, totalCount } = slateItemConnection(slate, { first, after })
        expect(totalCount).toBe(count)
        expect(edges.length).toBeLessThanOrEqual(first)
        expect(pageInfo.hasPreviousPage).toBe(walked.length > 0)
        walked.push(...edges.map(({ rank, item }) => ({ rank, itemId: item.itemId })))
        expect(pageInfo.hasNextPage).toBe(walked.length < count)
        if (!pageInfo.hasNextPage) break
        after = pageInfo.endCursor
      }
      expect(walked).toEqual(ids.map((itemId, at) => ({ rank: at + 1, itemId })))
    }),
  )
})
