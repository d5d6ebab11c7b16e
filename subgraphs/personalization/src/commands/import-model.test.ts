import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { encodeItemNeighbours } from '../domain/artefact/item-neighbours.ts'
import { createTrainingService } from '../services/training-service.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { serveModel } from '../testing/serving-model.ts'
import { importModelFile } from './import-model.ts'

const NOW = Date.UTC(2026, 5, 1)
const clock = { now: () => NOW }

let folder: string
let store: PersonalizationStore
let out: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-model-'))
  store = await openPersonalizationStore('sqlite::memory:')
  out = ''
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** A model in which every item is the neighbour of nobody. */
function whole(itemIds: readonly string[], trainingFingerprint = 'elsewhere'): Uint8Array {
  return encodeItemNeighbours(
    { algorithm: 'implicit ALS', parameters: { rank: 8 }, trainingFingerprint },
    {
      itemIds,
      starts: new Uint32Array(itemIds.length + 1),
      neighbours: new Int32Array(0),
      similarities: new Float32Array(0),
    },
  )
}

function file(bytes: Uint8Array | string, name = 'model.safetensors'): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

function run(path: string, options: { readonly json?: boolean } = {}) {
  const { json = false } = options
  const log = createLogger({ service: 'test', level: 'silent' })
  return importModelFile(
    { file: path, model: 'spark-als', owner: 'data science', json },
    {
      ...{ store, clock, training: createTrainingService({ store, clock, log }) },
      out: { write: (text) => (out += text) },
      err: { write: () => undefined },
    },
  )
}

describe('models import', () => {
  test('registers a model, which does not serve, and knows the same file again', async () => {
    await store.upsertItems([sampleItem('a')])
    const path = file(whole(['a', 'b']))
    expect(await run(path)).toBe(0)
    expect(out).toContain(
      'Model spark-als-v1 (implicit ALS) is registered: 2 items, 1 of them in the catalogue',
    )
    expect(out).toContain('it is REGISTERED, and does not serve')
    expect(await store.productionModelVersion()).toBeNull()
    const [version] = await store.modelVersionsByIds(['spark-als-v1'])
    expect(version).toMatchObject({
      owner: 'data science',
      trainingData: { fingerprint: 'elsewhere', users: 0, items: 2, interactions: 0, cutoff: NOW },
      stageHistory: [{ from: null, to: 'REGISTERED', by: 'data science' }],
    })
    expect(await run(path)).toBe(0)
    expect(out).toContain('was known already')
    expect(await store.countModelVersions({})).toBe(1)
  })

  test('a retired version does not count, because it can never serve again: the file becomes the next version', async () => {
    await store.upsertItems([sampleItem('a')])
    await run(file(whole(['a'], 'one')))
    await serveModel(store, { id: 'spark-als-v1' })
    out = ''
    await run(file(whole(['a'], 'two')), { json: true })
    expect(JSON.parse(out)).toMatchObject({
      id: 'spark-als-v2',
      stage: 'REGISTERED',
      items: 1,
      inCatalogue: 1,
    })
    expect(await store.productionModelVersion()).toMatchObject({ id: 'spark-als-v1' })
    await serveModel(store, { id: 'spark-als-v2' })
    out = ''
    await run(file(whole(['a'], 'one')), { json: true })
    expect(JSON.parse(out)).toMatchObject({ id: 'spark-als-v3', stage: 'REGISTERED', known: false })
    expect(await store.modelArtefact('spark-als-v3')).toEqual(whole(['a'], 'one'))
  })

  test.each([
    ['a file that is not there', () => join(folder, 'absent'), /cannot read .*absent: ENOENT/],
    ['a file that is no artefact', () => file('{"a":1}'), /cannot import .*model artefact:/],
    ['a damaged artefact', () => file(whole(['a']).subarray(0, 300)), /cannot import .*model artefact:/],
    [
      'a model of other items',
      () => file(whole(['x', 'y'])),
      /none of its 2 items is in the catalogue \(they begin with "x", "y"\)/,
    ],
    ['a model of nothing', () => file(whole([])), /the model knows no items/],
  ])('%s is refused, and nothing is stored', async (_, path, message) => {
    await store.upsertItems([sampleItem('a')])
    await expect(run(path())).rejects.toThrow(message)
    expect(await store.countModelVersions({})).toBe(0)
  })
})
