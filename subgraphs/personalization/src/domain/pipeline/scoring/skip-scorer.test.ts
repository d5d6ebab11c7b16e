import { expect, test } from 'vitest'
import {
  rankingModel,
  sampleCatalogue,
  sampleHistory,
  sampleItems,
  sampleLoadedModel,
} from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

test('what the user skipped sinks, once for each skip', async () => {
  const { items } = await serveQuery({
    catalogue: sampleCatalogue(sampleItems(4)),
    model: sampleLoadedModel(rankingModel(['i0', 'i1', 'i2', 'i3'])),
    history: sampleHistory([
      ['known', 'PLAY'],
      ['i0', 'SKIP'],
      ['i0', 'SKIP'],
      ['i1', 'SKIP'],
    ]),
  })
  expect(items.map(({ itemId }) => itemId)).toEqual(['i2', 'i3', 'i1', 'i0'])
})
