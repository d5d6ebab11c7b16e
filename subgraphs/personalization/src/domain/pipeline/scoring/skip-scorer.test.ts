import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleHistory } from '../../../testing/samples/interactions.ts'
import { sampleLoadedModel, sampleRankingModel } from '../../../testing/samples/models.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

test('what the user skipped sinks, once for each skip', async () => {
  const { items } = await serveQuery({
    catalogue: sampleCatalogue(sampleItems(4)),
    model: sampleLoadedModel(sampleRankingModel(['i0', 'i1', 'i2', 'i3'])),
    history: sampleHistory([
      ['known', 'PLAY'],
      ['i0', 'SKIP'],
      ['i0', 'SKIP'],
      ['i1', 'SKIP'],
    ]),
  })
  expect(items.map(({ itemId }) => itemId)).toEqual(['i2', 'i3', 'i1', 'i0'])
})
