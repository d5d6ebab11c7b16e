import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeFactors } from '../../domain/artefact/factors.ts'
import { encodeItemNeighbours } from '../../domain/artefact/item-neighbours.ts'
import { decodeModel, type RecommendationModel } from '../../domain/recommendation-model.ts'
import { withReasons } from '../../testing/with-reasons.ts'
import { createModelReader, type ModelReader } from './model-reader.ts'

/** More than are indexed in one turn of the event loop. */
const ITEMS = 12_001
const IDS = Array.from({ length: ITEMS }, (_, place) => `ite\u0301m-${place}`)
const DESCRIPTION = { algorithm: 'by hand', parameters: {}, trainingFingerprint: 'none' }

const NEIGHBOURS = encodeItemNeighbours(DESCRIPTION, {
  itemIds: IDS,
  starts: Uint32Array.from({ length: ITEMS + 1 }, (_, place) => place),
  neighbours: Int32Array.from({ length: ITEMS }, (_, place) => (place + 1) % ITEMS),
  similarities: new Float32Array(ITEMS).fill(0.5),
})
const FACTORS = encodeFactors(
  DESCRIPTION,
  { itemIds: IDS, dimensions: 2, values: Float32Array.from({ length: 2 * ITEMS }, (_, n) => Math.sin(n)) },
  { unobservedWeight: 0.1, regularization: 0.01, frequencyExponent: 1 },
)

let reader: ModelReader

beforeAll(() => {
  reader = createModelReader()
})
afterAll(() => reader.close())

function read(artefact: Uint8Array): Promise<RecommendationModel | string> {
  return reader.read(Uint8Array.from(artefact), hash('sha256', artefact, 'hex'))
}

test.each([
  ['item-neighbours', NEIGHBOURS],
  ['factors', FACTORS],
])('a model of kind %s recommends what it does when it is read at once', async (_, artefact) => {
  const model = await read(artefact)
  if (typeof model === 'string') throw new Error(model)
  const expected = decodeModel(artefact)
  expect([model.algorithm, model.itemCount]).toEqual([expected.algorithm, ITEMS])
  const history = [0, 5_000, ITEMS - 1].map((place) => ({ itemId: IDS[place] ?? '', weight: 1 }))
  expect(withReasons(model.recommend(history, 20))).toEqual(withReasons(expected.recommend(history, 20)))
  expect(model.recommend(history, 20).length).toBeGreaterThan(0)
})

test('bytes other than those that were stored are no model', async () => {
  expect(await reader.read(Uint8Array.from(NEIGHBOURS), '0'.repeat(64))).toMatch(
    /SHA-256 is [0-9a-f]{64}, not 0{64}/,
  )
})

test('what is no model says why, and the next one is read', async () => {
  expect(await read(NEIGHBOURS.subarray(0, 100))).toMatch(/^model artefact: .*header/)
  expect(await read(FACTORS)).not.toBeTypeOf('string')
})
