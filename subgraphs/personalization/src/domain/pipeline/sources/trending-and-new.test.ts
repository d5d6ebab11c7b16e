import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItem, sampleItems } from '../../../testing/samples/catalogue.ts'
import { samplePlays } from '../../../testing/samples/interactions.ts'
import { sampleMix } from '../../../testing/samples/serving.ts'
import { NOON } from '../../../testing/samples/time.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'

const DAY_MS = 86_400_000

describe('trending', () => {
  test('brings what trends, best first, and says so; popular items fill the rest', async () => {
    const catalogue = sampleCatalogue(sampleItems(9), ['i1', 'i2'], ['i5', 'i3', 'i4'])
    const { items, served } = await serveQuery({
      catalogue,
      parameters: sampleMix('trending'),
      history: samplePlays('i3'),
      size: 4,
    })
    expect(items.map(({ itemId, source, reason }) => [itemId, source, reason?.kind])).toEqual([
      ['i5', 'trending', 'TRENDING'],
      ['i4', 'trending', 'TRENDING'],
      ['i1', 'popular', 'POPULAR'],
      ['i2', 'popular', 'POPULAR'],
    ])
    expect(served).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
  })

  test('counts as degraded where nothing trends', async () => {
    const catalogue = sampleCatalogue(sampleItems(9), ['i1'])
    expect((await serveQuery({ catalogue, parameters: sampleMix('trending') })).served.degraded).toBe(true)
  })
})

describe('new', () => {
  const aged = (id: string, days: number) => sampleItem(id, { createdAt: NOON - days * DAY_MS })
  const catalogue = sampleCatalogue(
    [aged('old', 30), aged('week', 7.5), aged('today', 0), aged('announced', -3), aged('month', 29.99)],
    ['old'],
  )

  test('brings the items of the last 30 days, newest first, and says so', async () => {
    const { items, served } = await serveQuery({ catalogue, parameters: sampleMix('new') })
    expect(items.map(({ itemId, source, score }) => [itemId, source, Math.round(score * 100)])).toEqual([
      ['announced', 'new', 100],
      ['today', 'new', 100],
      ['week', 'new', 75],
      ['month', 'new', 0],
      ['old', 'popular', 100],
    ])
    expect(items[0]?.reason).toEqual({ kind: 'NEW', itemId: null, text: 'New in the catalogue' })
    expect(served).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
  })

  test('is what was asked for though it reaches the lowest rung, and degraded where nothing is new', async () => {
    const newest = sampleCatalogue([aged('today', 0)])
    expect((await serveQuery({ catalogue: newest, parameters: sampleMix('new') })).served).toEqual({
      rung: 'STATIC',
      cause: 'MODEL_NOT_IN_MIX',
      degraded: false,
    })
    const old = sampleCatalogue([aged('old', 31)])
    expect((await serveQuery({ catalogue: old, parameters: sampleMix('new') })).served.degraded).toBe(true)
  })
})
