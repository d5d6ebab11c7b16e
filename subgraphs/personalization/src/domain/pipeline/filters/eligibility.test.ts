import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleHistory } from '../../../testing/samples/interactions.ts'
import { sampleMix, sampleSource } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

describe('filters', () => {
  test('when even the filters fail, nothing is shown that they might have kept away', async () => {
    const consumed = new Set(['i9'])
    consumed.has = () => {
      throw new Error('a filter is broken')
    }
    const catalogue = sampleCatalogue(sampleItems(30), sampleItemIds(30))
    const broken = { catalogue, history: { ...sampleHistory([]), consumed } }
    expect((await serveQuery(broken)).items).toEqual([])
    // Nor by a source that does not ask the filters itself.
    const candidate = { itemId: 'i1', score: 1, creator: null, becauseOf: null }
    const careless = sampleSource('careless', [], { candidates: () => [candidate] })
    const query = { ...broken, parameters: sampleMix('careless') }
    expect((await serveQuery(query, { sources: [careless] })).items).toEqual([])
  })

  test('an item that a source names twice counts once, and a score that cannot be ordered leaves its item out', async () => {
    const named = [
      ['i1', 3],
      ['i2', Number.NaN],
      ['i1', 2],
      ['i3', Number.POSITIVE_INFINITY],
      ['i4', -1],
    ] as const
    const candidates = () =>
      named.map(([itemId, score]) => ({ itemId, score, creator: null, becauseOf: null }))
    const careless = sampleSource('careless', [], { candidates })
    const { items, sources } = await serveQuery(
      { catalogue: sampleCatalogue(sampleItems(9)), parameters: sampleMix('careless') },
      { sources: [careless] },
    )
    expect(items.map(({ itemId, score }) => [itemId, score])).toEqual([
      ['i1', 3],
      ['i4', -1],
    ])
    expect(sources).toEqual([{ name: 'careless', outcome: 'ANSWERED', candidates: 2, items: 2 }])
  })

  test('a hidden creator shows nothing more, and whoever has none is not meant', async () => {
    const items = sampleItems(30, (at) => ({ creator: ['one', 'two', null][at % 3] ?? null }))
    const history = sampleHistory([['i0', 'HIDE', 'one']])
    const { items: served } = await serveQuery({ catalogue: sampleCatalogue(items), history, size: 30 })
    expect(served.map(({ itemId }) => itemId).toSorted()).toEqual(
      items
        .filter(({ creator }) => creator !== 'one')
        .map(({ id }) => id)
        .toSorted(),
    )
  })
})
