import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItem } from '../../../testing/samples/catalogue.ts'
import { samplePlays } from '../../../testing/samples/interactions.ts'
import { sampleMix } from '../../../testing/samples/serving.ts'
import { serveQuery } from '../../../testing/test-pipeline.ts'
import { unknownHistory } from '../hydration/user-history.ts'

const SOURCE = 'popular-in-categories'
const parameters = sampleMix(SOURCE)

function item(id: string, ...categories: string[]) {
  return sampleItem(id, { categories })
}

describe('popular in categories', () => {
  const catalogue = sampleCatalogue(
    [
      ...[item('rock-1', 'rock'), item('jazz-1', 'jazz'), item('both', 'jazz', 'folk'), item('none')],
      ...[
        item('folk-1', 'folk'),
        item('liked-jazz', 'jazz'),
        item('liked-folk', 'folk'),
        item('more', 'jazz'),
      ],
    ],
    ['rock-1', 'jazz-1', 'both', 'none', 'folk-1', 'liked-jazz'],
  )

  test('brings what is popular in the categories of the history, in proportion to both, and says so', async () => {
    const history = samplePlays('liked-jazz', 'more', 'liked-folk')
    const { items, served } = await serveQuery({ catalogue, parameters, history, size: 5 })
    // The taste is 2/3 jazz and 1/3 folk; popularities are 1, 1/2, 1/3, 1/4, 1/5, 1/6.
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['jazz-1', SOURCE],
      ['both', SOURCE],
      ['folk-1', SOURCE],
      ['rock-1', 'popular'],
      ['none', 'popular'],
    ])
    expect(items.slice(0, 3).map(({ score }) => score)).toEqual([
      expect.closeTo(1 / 3, 12),
      expect.closeTo(1 / 3, 12),
      expect.closeTo(1 / 15, 12),
    ])
    expect(items[0]?.reason).toEqual({ kind: 'POPULAR', itemId: null, text: 'Popular in what you like' })
    expect(served).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
  })

  test('has nothing for a new listener, without a history, and for tastes without categories', async () => {
    const sourcesFor = async (history: ReturnType<typeof samplePlays>) => {
      const { items, served } = await serveQuery({ catalogue, parameters, history, size: 2 })
      return [items.map(({ source }) => source), served.degraded]
    }
    for (const history of [samplePlays(), unknownHistory(), samplePlays('none'), samplePlays('gone')]) {
      expect(await sourcesFor(history)).toEqual([['popular', 'popular'], true])
    }
  })

  test('brings items of liked categories only, each once, the same ones every time, none that was consumed', async () => {
    const categories = fc.uniqueArray(fc.constantFrom('jazz', 'rock', 'folk', 'soul'), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(categories, { minLength: 2, maxLength: 30 }),
        fc.uniqueArray(fc.nat({ max: 29 }), { maxLength: 6 }),
        async (rows, numbers) => {
          const ids = rows.map((_, at) => `i${at}`)
          const all = rows.map((some, at) => item(`i${at}`, ...some))
          const liked = numbers.filter((number) => number < rows.length)
          const history = samplePlays(...liked.map((number) => `i${number}`))
          const query = { catalogue: sampleCatalogue(all, ids), parameters, history, size: 40 }
          const { items } = await serveQuery(query)
          const found = items.filter(({ source }) => source === SOURCE)
          const likes = new Set(liked.flatMap((number) => rows[number] ?? []))
          const wanted = ids.filter(
            (_, at) => !liked.includes(at) && rows[at]?.some((category) => likes.has(category)),
          )
          expect(found.map(({ itemId }) => itemId).toSorted()).toEqual(wanted.toSorted())
          expect(found.every(({ score }, at) => at === 0 || score <= (found[at - 1]?.score ?? 0))).toBe(true)
          expect((await serveQuery(query)).items).toEqual(items)
        },
      ),
    )
  })

  test('costs nothing of the catalogue: only the listed popular items and the history are looked at', async () => {
    let looked = 0
    const counting = {
      ...catalogue,
      itemById: (id: string) => {
        looked++
        return catalogue.itemById(id)
      },
      staticItems: () => expect.unreachable(),
    }
    await serveQuery({ catalogue: counting, parameters, history: samplePlays('liked-jazz'), size: 2 })
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThan(60)
  })
})
