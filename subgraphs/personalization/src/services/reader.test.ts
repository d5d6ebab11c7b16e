import { expect, test } from 'vitest'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Item } from '../domain/item.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { createReader } from './reader.ts'

class DatastoreUnavailableError extends Error {
  override readonly name = 'DatastoreUnavailableError'
}

type ReadStore = Parameters<typeof createReader>[0]['store']

function unexpected(): never {
  throw new Error('not expected to be called')
}

function reader(store: Partial<ReadStore>, options: { index?: Item[]; deadlineMs?: number } = {}) {
  const full: ReadStore = {
    itemsByIds: unexpected,
    slatesByIds: unexpected,
    modelEvaluations: unexpected,
    modelVersionsByIds: unexpected,
    shadowOf: unexpected,
    canaryOf: unexpected,
    productionModelVersion: unexpected,
    findInteractions: unexpected,
    findModelVersions: unexpected,
    countModelVersions: unexpected,
    ...store,
  }
  return createReader({
    store: full,
    catalogue: { findItems: unexpected, countItems: unexpected },
    index: { itemById: (id) => options.index?.find((one) => one.id === id) },
    models: {
      inMemory: (id) => (/^item-to-item-v[012]$/.test(id) ? { version: sampleModelVersion(id) } : null),
    },
    deadlineMs: options.deadlineMs ?? 60_000,
  })
}

function lost() {
  return Promise.reject(new DatastoreUnavailableError('gone'))
}

function hanging<T>() {
  return new Promise<T>(() => {})
}

test('what was found comes back in the order of the keys, null where there is nothing', async () => {
  const store: Partial<PersonalizationStore> = { itemsByIds: async () => [sampleItem('b'), sampleItem('a')] }
  expect(await reader(store).items(['a', 'x', 'b'])).toEqual([sampleItem('a'), null, sampleItem('b')])
})

test('with the datastore lost memory answers, and what it lacks is an outage rather than absent', async () => {
  const [known, unknown] = await reader({ itemsByIds: lost }, { index: [sampleItem('a')] }).items(['a', 'b'])
  expect(known).toEqual(sampleItem('a'))
  expect(unknown).toMatchObject({ code: 'DATASTORE_UNAVAILABLE', retryable: true })
})

test('model versions in memory answer for a lost datastore too', async () => {
  const versions = await reader({ modelVersionsByIds: lost }).modelVersions([
    'item-to-item-v1',
    'item-to-item-v2',
    'item-to-item-v3',
  ])
  expect(versions).toEqual([
    sampleModelVersion('item-to-item-v1'),
    sampleModelVersion('item-to-item-v2'),
    expect.objectContaining({ code: 'DATASTORE_UNAVAILABLE' }),
  ])
})

test('a datastore that hangs is waited for only as long as memory cannot answer', async () => {
  const store = { itemsByIds: hanging<Item[]> }
  const inMemory = reader(store, { index: [sampleItem('a')], deadlineMs: 1 })
  expect(await inMemory.items(['a'])).toEqual([sampleItem('a')])

  const answer = Promise.withResolvers<Item[]>()
  const slow = reader({ itemsByIds: () => answer.promise }, { index: [sampleItem('a')], deadlineMs: 1 })
  const reading = slow.items(['a', 'b'])
  setTimeout(() => answer.resolve([sampleItem('a'), sampleItem('b')]), 20)
  expect(await reading).toEqual([sampleItem('a'), sampleItem('b')])
})

test('a defect is not taken for an outage', async () => {
  const store = { itemsByIds: () => Promise.reject(new TypeError('a defect')) }
  await expect(reader(store, { index: [sampleItem('a')] }).items(['a'])).rejects.toThrow('a defect')
})
