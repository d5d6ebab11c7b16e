import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { DEFAULT_GATES } from '../domain/model-path/gates.ts'
import { offlineProblems } from '../domain/model-path/offline-gate.ts'
import { placeholderItem } from '../import/columns/placeholder-item.ts'
import { createTrainingService } from '../services/training-service.ts'
import { demoCatalogue } from './catalogue.ts'
import { loadDemo } from './demo-command.ts'

const clock = { now: () => Date.UTC(2026, 5, 1) }

let store: PersonalizationStore
let said: string

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  said = ''
})
afterEach(() => store.close())

function demo(
  options: { ifEmpty?: boolean; seed?: number; on?: PersonalizationStore } = {},
): Promise<number> {
  const { ifEmpty = true, seed = 1, on = store } = options
  const terminal = {
    write(text: string) {
      said += text
    },
  }
  const log = createLogger({ service: 'test', level: 'silent' })
  const training = createTrainingService({ store: on, clock, log })
  return loadDemo({ ifEmpty, seed }, { store: on, training, clock, out: terminal, err: terminal })
}

async function counts() {
  const items = await store.countItems({})
  const models = await store.countModelVersions({})
  const interactions = await store.scanInteractions({ after: null, limit: 1_000_000 })
  return { items, interactions: interactions.length, models }
}

const WHOLE = { items: 2_000, interactions: 60_000, models: 1 }

describe('demo command', () => {
  test('loads an empty datastore and trains a model; another time it changes nothing', async () => {
    expect(await demo()).toBe(0)
    expect(await counts()).toEqual(WHOLE)
    expect(said).toContain('Demo: 2,000 tracks of 150 artists, 500 listeners with 60,000 interactions')
    expect(said).toMatch(/Model item-to-item-v1 .* is trained on .*, and REGISTERED: it does not serve yet/)
    const evaluation = (await store.modelEvaluations(['item-to-item-v1'])).get('item-to-item-v1') ?? null
    expect(offlineProblems(evaluation, { championId: null, gates: DEFAULT_GATES })).toEqual([])
    said = ''
    expect(await demo()).toBe(0)
    expect(said).toBe('Demo: already loaded\n')
    expect(await demo({ ifEmpty: false })).toBe(0)
    expect(await counts()).toEqual(WHOLE)
  })

  test('takes up again a load that was interrupted', async () => {
    let calls = 0
    const interrupted: PersonalizationStore = {
      ...store,
      importInteractions(interactions) {
        calls++
        return calls > 5 ? Promise.reject(new Error('killed')) : store.importInteractions(interactions)
      },
    }
    await expect(demo({ on: interrupted })).rejects.toThrow('killed')
    expect(await demo()).toBe(0)
    expect(await counts()).toEqual(WHOLE)
  })

  test('evaluates the model where an earlier run was interrupted before that', async () => {
    const interrupted: PersonalizationStore = {
      ...store,
      addModelEvaluation: () => Promise.reject(new Error('killed')),
    }
    await expect(demo({ on: interrupted })).rejects.toThrow('killed')
    expect(await demo()).toBe(0)
    expect(await counts()).toEqual(WHOLE)
    expect((await store.modelEvaluations(['item-to-item-v1'])).size).toBe(1)
    expect(said).not.toContain('already loaded')
  })

  test('leaves a catalogue of its own alone with --if-empty, and refuses it without', async () => {
    await store.upsertItems([placeholderItem('a book')])
    expect(await demo()).toBe(0)
    expect(said).toContain('not loaded')
    expect(await demo({ ifEmpty: false })).toBe(1)
    expect(said).toContain('reset --yes')
    expect(await counts()).toEqual({ items: 1, interactions: 0, models: 0 })
  })

  test('never mixes the demos of two seeds', async () => {
    await store.upsertItems(
      demoCatalogue(1)
        .tracks.slice(0, 500)
        .map(({ item }) => item),
    )
    expect(await demo({ ifEmpty: false, seed: 2 })).toBe(1)
    expect(await counts()).toEqual({ items: 500, interactions: 0, models: 0 })
  })
})
