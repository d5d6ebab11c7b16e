import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createTrainingService } from '../services/training-service.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { serveModel } from '../testing/serving-model.ts'
import type { CommandContext } from './context.ts'
import { listModels } from './list-models.ts'
import { recommend } from './recommend.ts'

const log = createLogger({ service: 'test', level: 'silent' })

let store: PersonalizationStore
let context: CommandContext
let printed: string

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  const clock = { now: () => Date.UTC(2026, 0, 1) }
  printed = ''
  context = {
    store,
    clock,
    training: createTrainingService({ store, clock, log }),
    out: { write: (text) => (printed += text) },
    err: { write: () => true },
  }
})
afterEach(() => store.close())

async function load(): Promise<void> {
  await store.upsertItems(['a', 'b', 'c', 'd'].map((id) => sampleItem(id)))
  const pairs = ['u1 a', 'u2 a', 'u2 b', 'u3 a', 'u3 b', 'u3 c']
  await store.importInteractions(
    pairs.map((pair, n) => {
      const [userId = '', itemId = ''] = pair.split(' ')
      return sampleInteraction(`event-00${n}`, { userId, itemId })
    }),
  )
}

async function shown(userId: string, json = false, market: string | null = null): Promise<string> {
  printed = ''
  const command = { name: 'recommend', userId, surface: 'home', size: 2, market, json } as const
  expect(await recommend(command, { ...context, log })).toBe(0)
  return printed
}

describe('recommend', () => {
  test('shows the slate of the pipeline with rung, model, sources and reasons', async () => {
    await load()
    const { id } = await serveModel(store, await context.training.train({ owner: 'ada', reason: 'test' }))
    const lines = (await shown('u1')).trimEnd().split('\n')
    expect(lines[0]).toBe(`For u1 on home: rung MODEL, model ${id}`)
    expect(lines[2]).toMatch(/^rank +item +title +score +source +reason$/)
    expect(lines[3]).toMatch(/^1 +b +Title of b +0\.\d+ +model +Because you chose “Title of a”$/)
    expect(lines).toHaveLength(5)
  })

  test('shows items that are limited to markets to a user in one of them only', async () => {
    await store.upsertItems([sampleItem('dutch', { markets: ['NL'] })])
    expect(await shown('u1')).toContain('there is nothing to recommend')
    expect(await shown('u1', false, 'nl')).toContain('Title of dutch')
  })

  test('says on which rung a new user stands, and why', async () => {
    await load()
    expect(await shown('u1')).toContain('rung POPULAR (NO_MODEL)')
    await serveModel(store, await context.training.train({ owner: 'ada', reason: 'test' }))
    const slate = JSON.parse(await shown('stranger', true))
    expect(slate).toMatchObject({
      servedBy: { rung: 'POPULAR', cause: 'COLD_START' },
      modelVersionId: null,
      items: [
        { rank: 1, itemId: 'a', title: 'Title of a', source: 'popular' },
        { rank: 2, itemId: 'b' },
      ],
    })
  })

  test('stores no slate and no event', async () => {
    await load()
    const saved: unknown[] = []
    const watched: PersonalizationStore = {
      ...store,
      async saveSlate(slate) {
        saved.push(slate)
      },
    }
    context = { ...context, store: watched }
    await shown('u1')
    expect(saved).toEqual([])
    expect((await store.outboxState()).size).toBe(0)
  })

  test('of an empty catalogue it says that there is nothing', async () => {
    expect(await shown('u1')).toBe(
      'For u1 on home: rung STATIC (EMPTY_CATALOGUE); there is nothing to recommend\n',
    )
  })

  test('fails where the datastore is away, and does not show what an outage would', async () => {
    context = { ...context, store: { ...store, ping: () => Promise.reject(new Error('away')) } }
    await expect(shown('u1')).rejects.toThrow('away')
  })

  test('shows no control characters of titles', async () => {
    await store.upsertItems([sampleItem('a', { title: 'red\u001b[31m\nrow' })])
    expect(await shown('u1')).toContain('red [31m row')
  })
})

describe('models list', () => {
  test('lists every version, newest first, and for programs with everything', async () => {
    expect(await listModels({ name: 'models list', json: false }, context)).toBe(0)
    expect(printed).toMatch(/^There is no model yet/)
    await load()
    await serveModel(store, await context.training.train({ owner: 'ada', reason: 'test' }))
    await store.importInteractions([sampleInteraction('event-100', { userId: 'u4', itemId: 'd' })])
    const { id } = await context.training.train({ owner: 'bob', reason: 'test' })
    await serveModel(store, { id })
    printed = ''
    await listModels({ name: 'models list', json: false }, context)
    const lines = printed.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(printed).toMatch(new RegExp(`^${id} +PRODUCTION +2026-01-01T00:00:00.000Z +bob +7 +4 +4 `, 'm'))
    expect(printed).toContain('RETIRED')
    printed = ''
    await listModels({ name: 'models list', json: true }, context)
    expect(JSON.parse(printed)).toMatchObject([
      { id, stage: 'PRODUCTION', createdAt: '2026-01-01T00:00:00.000Z', trainingData: { interactions: 7 } },
      { stage: 'RETIRED' },
    ])
  })
})
