import { expect, test } from 'vitest'
import type { Query } from '../domain/pipeline/query.ts'
import { sampleLoadedModel, sampleRankingModel } from '../testing/samples/models.ts'
import { sampleQuery } from '../testing/samples/serving.ts'
import { createShadowSamples } from './shadow-samples.ts'

const CHAMPION = sampleLoadedModel(sampleRankingModel([]), 'champion-v1')
const LIST = Array.from({ length: 80 }, (_, at) => ({
  itemId: `i${at}`,
  score: 1 - at / 100,
  creator: null,
  becauseOf: null,
}))

function served(overrides: Partial<Query> = {}) {
  return { query: sampleQuery({ model: CHAMPION, ...overrides }), ofModel: LIST }
}

function samplesAt(rate: number) {
  const samples = createShadowSamples({ rate, models: { production: () => CHAMPION } })
  samples.setWanted(true)
  return samples
}

test('a sample is the query and the first items of the list that the champion made', () => {
  const samples = samplesAt(1)
  const first = served()
  samples.offer(first)
  samples.offer(served({ userId: 'u2' }))
  expect(samples.take()).toEqual({
    query: first.query,
    champion: LIST.slice(0, 50).map(({ itemId }) => itemId),
  })
  expect(samples.take()?.query.userId).toBe('u2')
  expect(samples.take()).toBeNull()
})

test('the seed of the slate decides, at about the rate that is asked for', () => {
  const seeds = Array.from({ length: 4_000 }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 0).map((number) =>
    number.toString(16).padStart(32, '0'),
  )
  const sampledAt = (rate: number) =>
    seeds.filter((seed) => {
      const samples = samplesAt(rate)
      samples.offer(served({ seed }))
      return samples.take() !== null
    })
  expect(sampledAt(0.25)).toEqual(sampledAt(0.25))
  expect(sampledAt(0.25).length).toBeGreaterThan(900)
  expect(sampledAt(0.25).length).toBeLessThan(1_100)
  expect(sampledAt(0)).toEqual([])
  expect(sampledAt(1)).toEqual(seeds)
})

test('nothing waits while no model is in shadow', () => {
  const samples = createShadowSamples({ rate: 1, models: { production: () => CHAMPION } })
  samples.offer(served())
  expect(samples.take()).toBeNull()
  samples.setWanted(true)
  samples.offer(served())
  samples.setWanted(false)
  expect(samples.take()).toBeNull()
})

test('what was not served from the model in production is nothing to compare with', () => {
  const samples = samplesAt(1)
  samples.offer({ ...served(), ofModel: [] })
  samples.offer(served({ model: sampleLoadedModel(sampleRankingModel([]), 'pinned-v1') }))
  samples.offer(served({ model: null }))
  expect(samples.take()).toBeNull()
})

test('beyond 64 that wait, samples are dropped and counted', () => {
  const samples = samplesAt(1)
  for (let at = 0; at < 70; at++) samples.offer(served({ userId: `u${at}` }))
  expect(samples.dropped()).toBe(6)
  const taken: (string | undefined)[] = []
  for (let sample = samples.take(); sample !== null; sample = samples.take()) taken.push(sample.query.userId)
  expect(taken).toEqual(Array.from({ length: 64 }, (_, at) => `u${at}`))
})
