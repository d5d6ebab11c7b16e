import { SOURCE_NAMES } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../../testing/samples/catalogue.ts'
import { sampleFailingModel, sampleLoadedModel } from '../../../testing/samples/models.ts'
import { sampleMix } from '../../../testing/samples/serving.ts'
import { createTestObserver } from '../../../testing/test-observer.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'
import { CANDIDATE_SOURCES } from './candidate-sources.ts'

describe('the candidate sources', () => {
  test('hold each source that payloads may mix, and each name once', () => {
    const names = CANDIDATE_SOURCES.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...SOURCE_NAMES]))
    expect(new Set(names).size).toBe(names.length)
  })

  test('can all serve: payloads may mix them, they fill up, or they stand in for one that payloads may mix', () => {
    const idle = CANDIDATE_SOURCES.filter(
      ({ name, fillOrder, standsInFor }) =>
        fillOrder === null && !isMixable(name) && (standsInFor === null || !isMixable(standsInFor)),
    )
    expect(idle, 'name it in SOURCE_NAMES of the contracts, or give it a fillOrder').toEqual([])
  })

  test('a failing source costs its candidates and is reported, the slate is served', async () => {
    const observer = createTestObserver()
    const { items, served } = await serveQuery(
      {
        catalogue: sampleCatalogue(sampleItems(30), sampleItemIds(30)),
        model: sampleLoadedModel(sampleFailingModel()),
        parameters: sampleMix('model', 'popular'),
      },
      { observer },
    )
    expect(items).toHaveLength(20)
    expect(served.rung).toBe('POPULAR')
    expect(observer.failures).toEqual(['source_model'])
  })

  test('a failing popularity list costs its candidates too', async () => {
    const broken = {
      ...sampleCatalogue(sampleItems(30)),
      popular() {
        throw new Error('popularity is broken')
      },
    }
    const observer = createTestObserver()
    const { items } = await serveQuery({ catalogue: broken }, { observer })
    expect(items.map(({ source }) => source)).toEqual(Array(20).fill('static'))
    expect(observer.failures).toEqual(['source_popular'])
  })
})

function isMixable(name: string): boolean {
  return SOURCE_NAMES.some((known) => known === name)
}
