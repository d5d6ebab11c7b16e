import { describe, expect, test } from 'vitest'
import {
  sampleCatalogue,
  sampleItem,
  sampleItemIds,
  sampleItems,
} from '../../../testing/samples/catalogue.ts'
import { sampleLoadedModel, sampleRankingModel } from '../../../testing/samples/models.ts'
import { sampleMix, sampleSource } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'
import { DEFAULT_PARAMETERS } from '../assignment/serving-parameters.ts'
import { CANDIDATE_SOURCES } from './candidate-sources.ts'
import { mixOf } from './source-mix.ts'

describe('the mix', () => {
  test('a mix gives each source its share', async () => {
    const { items } = await serveQuery({
      catalogue: sampleCatalogue(sampleItems(100), sampleItemIds(100).toReversed()),
      model: sampleLoadedModel(sampleRankingModel(sampleItemIds(100))),
      parameters: sampleMix('model', 'popular'),
    })
    expect(items.filter(({ source }) => source === 'model')).toHaveLength(10)
    expect(items.filter(({ source }) => source === 'popular')).toHaveLength(10)
  })

  test('a limit per creator reaches for popular items before it is lifted', async () => {
    const byOne = sampleItems(10, () => ({ creator: 'one' }))
    const others = [sampleItem('o1', { creator: 'two' }), sampleItem('o2', { creator: 'three' })]
    const { items } = await serveQuery({
      catalogue: sampleCatalogue([...byOne, ...others], ['o1']),
      model: sampleLoadedModel(sampleRankingModel(sampleItemIds(10))),
      parameters: { ...DEFAULT_PARAMETERS, maxPerCreator: 1 },
      size: 5,
    })
    expect(items.map(({ itemId }) => itemId)).toEqual(['i0', 'o1', 'o2', 'i1', 'i2'])
  })

  test('a name that no source has is a bug of the caller', () => {
    expect(() => mixOf(sampleMix('nobody').mix, CANDIDATE_SOURCES)).toThrow(
      'no candidate source is called "nobody"',
    )
  })
})

describe('filling up', () => {
  test('the model never fills up a slate whose mix leaves it out', async () => {
    const { items } = await serveQuery({
      catalogue: sampleCatalogue(sampleItems(9), ['i0']),
      model: sampleLoadedModel(sampleRankingModel(sampleItemIds(50))),
      parameters: sampleMix('popular'),
    })
    expect(items.map(({ source }) => source)).toEqual(['popular', ...Array(8).fill('static')])
  })

  test('sources fill up in the order that they declare, whatever their rung and place in the registry', async () => {
    const sources = [
      sampleSource('last', ['i0', 'i3', 'i4'], { fillOrder: 3 }),
      sampleSource('mixed', ['i0'], { fillOrder: 0 }),
      sampleSource('second', ['i1', 'i2'], { rung: 'MODEL', fillOrder: 2 }),
      sampleSource('never', ['i5'], { rung: 'MODEL' }),
      sampleSource('first', ['i0', 'i1'], { rung: 'STATIC', fillOrder: 1 }),
    ]
    const query = { catalogue: sampleCatalogue(sampleItems(9)), parameters: sampleMix('mixed') }
    const { items } = await serveQuery({ ...query, size: 9 }, { sources })
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i0', 'mixed'],
      ['i1', 'first'],
      ['i2', 'second'],
      ['i3', 'last'],
      ['i4', 'last'],
    ])
  })

  test('a source that fills up is asked only while the slate is short, and not where the mix has asked it', async () => {
    const asked: string[] = []
    function watched(name: string, itemId: string, fillOrder: number) {
      const source = sampleSource(name, [itemId], { fillOrder })
      return sampleSource(name, [itemId], {
        fillOrder,
        candidates(query, input) {
          asked.push(name)
          return source.candidates(query, input)
        },
      })
    }
    const sources = [watched('mixed', 'i0', 0), watched('first', 'i1', 1), watched('second', 'i2', 2)]
    const query = { catalogue: sampleCatalogue(sampleItems(9)), parameters: sampleMix('mixed') }
    await serveQuery({ ...query, size: 1 }, { sources })
    expect(asked.splice(0)).toEqual(['mixed'])
    await serveQuery({ ...query, size: 2 }, { sources })
    expect(asked).toEqual(['mixed', 'first'])
  })

  test('the newest items fill up though many of them have been found already', async () => {
    const older = sampleItems(5, () => ({ creator: null }))
    const newer = Array.from({ length: 150 }, (_, at) =>
      sampleItem(`n${at}`, { creator: 'one', createdAt: 10 }),
    )
    const { items } = await serveQuery({
      catalogue: sampleCatalogue([...older, ...newer]),
      model: sampleLoadedModel(sampleRankingModel(newer.map(({ id }) => id))),
      parameters: { ...DEFAULT_PARAMETERS, maxPerCreator: 1 },
      size: 3,
    })
    expect(items.map(({ itemId }) => itemId)).toEqual(['n0', 'i4', 'i3'])
  })
})
