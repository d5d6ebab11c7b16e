import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleHistory } from '../../../testing/samples/interactions.ts'
import { sampleLoadedModel, sampleRankingModel } from '../../../testing/samples/models.ts'
import { sampleQuery } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'
import { skipScorer } from './skip-scorer.ts'

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

test('what was skipped sinks below 0 too, where a model counts against it', () => {
  const candidate = (itemId: string, score: number) => ({ itemId, score, creator: null, becauseOf: null })
  const history = sampleHistory([['i0', 'SKIP']])
  const ranked = skipScorer.run(sampleQuery({ history }), [candidate('i0', -1), candidate('i1', -1.5)])
  expect(ranked).toEqual([candidate('i1', -1.5), candidate('i0', -2)])
})
