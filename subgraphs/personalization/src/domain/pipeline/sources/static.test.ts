import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleMix } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

/** As many candidates as a small slate asks a source for. */
const WIDTH = 80

test('static looks past the newest items where these were found already, so that the limit of a creator holds', async () => {
  // The newest WIDTH items are the popular ones, all of one creator; only older items have others.
  const items = sampleItems(WIDTH + 20, (at) => ({ creator: at < 20 ? `other-${at}` : 'one' }))
  const popular = items.slice(20).map(({ id }) => id)
  const served = await serveQuery({
    catalogue: sampleCatalogue(items, popular),
    parameters: { ...sampleMix('popular'), maxPerCreator: 1 },
    size: 10,
  })
  const sources = served.items.map(({ source }) => source)
  expect(sources).toEqual(['popular', ...Array.from({ length: 9 }, () => 'static')])
})
