import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleMix, sampleSource } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

describe('filters', () => {
  test('when even the filters fail, nothing is shown that they might have kept away', async () => {
    const broken = {
      ...sampleCatalogue(sampleItems(30), sampleItemIds(30)),
      isAvailable() {
        throw new Error('availability is broken')
      },
    }
    expect((await serveQuery({ catalogue: broken })).items).toEqual([])
    // Nor by a source that does not ask the filters itself.
    const candidate = { itemId: 'i1', score: 1, creator: null, becauseOf: null }
    const careless = sampleSource('careless', [], { candidates: () => [candidate] })
    const query = { catalogue: broken, parameters: sampleMix('careless') }
    expect((await serveQuery(query, { sources: [careless] })).items).toEqual([])
  })
})
