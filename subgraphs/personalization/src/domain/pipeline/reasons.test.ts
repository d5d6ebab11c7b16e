import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleMix, sampleSource } from '../../testing/samples/serving.ts'
import { serveQuery } from '../../testing/test-pipeline.ts'

test('where a reason cannot be found, the item is served without one', async () => {
  const broken = sampleSource('broken', [], {
    candidates: () => [{ itemId: 'i1', score: 1, creator: null, becauseOf: null }],
    reason() {
      throw new Error('it has none')
    },
  })
  const { items } = await serveQuery(
    { catalogue: sampleCatalogue(sampleItems(9)), parameters: sampleMix('broken') },
    { sources: [broken] },
  )
  expect(items.map(({ itemId, reason }) => [itemId, reason])).toEqual([['i1', null]])
})
