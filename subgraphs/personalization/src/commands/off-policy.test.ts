import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OffPolicyCommand } from '../command-line/off-policy.ts'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { CandidateLog } from '../domain/off-policy/candidate-log.ts'
import { loggedLists, selectAgain } from '../domain/off-policy/logged-policy.ts'
import { candidatesHash } from '../domain/pipeline/selection/selection.ts'
import { exportCandidates } from '../export/candidates.ts'
import { createTrainingService } from '../services/training-service.ts'
import { sampleTreatment } from '../testing/samples/experiments.ts'
import { sampleInteraction, sampleRecord } from '../testing/samples/interactions.ts'
import { createTestRecommendationService } from '../testing/test-recommendation-service.ts'
import { offPolicy } from './off-policy.ts'

const DAY_MS = 86_400_000
const clock = { now: () => Date.now() }
const BASE = { name: 'off-policy', target: 'greedy', maxWeight: null, json: true } as const

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(() => store.close())

async function run(command: Partial<OffPolicyCommand> = {}) {
  let printed = ''
  const out = { write: (text: string) => (printed += text) }
  const code = await offPolicy({ ...BASE, ...command }, { store, clock, out, err: { write: () => true } })
  expect(code).toBe(0)
  return printed
}

/** Slates with exploration, whose listeners play what `plays` says. */
async function serve(slates: number, plays: (itemId: string) => boolean): Promise<number> {
  const explored = sampleTreatment('a', { exploration: { epsilon: 0.5 } })
  const { recommend } = createTestRecommendationService({
    ...{ store, experiments: [explored], candidateLogRate: 1 },
  })
  let played = 0
  for (let number = 0; number < slates; number++) {
    const userId = `user-${number}`
    // With a history, so that the model serves.
    await store.importInteractions([
      sampleInteraction(`past-${number}`, { userId, itemId: 'i59', occurredAt: Date.now() - DAY_MS }),
    ])
    const { id, items } = await recommend({ userId })
    const found = items.filter(({ itemId }) => plays(itemId))
    played += found.length
    await store.recordInteractions(
      found.map(({ itemId }) =>
        sampleRecord(`${id}-${itemId}`, { userId, itemId, slateId: id, occurredAt: Date.now() }),
      ),
    )
  }
  return played
}

describe('the off-policy command', () => {
  test('tells the value of a policy that did not serve', async () => {
    // The model ranks i0, i1, ... first: what is due at one of five positions is always played.
    const played = await serve(300, (itemId) => ['i0', 'i1', 'i2', 'i3', 'i4'].includes(itemId))
    const greedy = JSON.parse(await run())
    expect(greedy).toMatchObject({ target: 'greedy', slates: 300, decisions: 1_500, clusters: 300 })
    expect(greedy.served).toBeCloseTo(played / 1_500, 12)
    expect(greedy.served).toBeLessThan(0.7)
    expect(greedy.snips.value).toBeCloseTo(1, 12)
    expect(Math.abs(greedy.ips.value - 1)).toBeLessThan(0.15)
    expect(Math.abs(greedy.meanWeight - 1)).toBeLessThan(0.15)
    const uniform = JSON.parse(await run({ target: 'uniform' }))
    expect(uniform.snips.value).toBeLessThan(0.2)
    expect(uniform.effectiveSampleSize).toBeLessThan(1_500)
    const clipped = JSON.parse(await run({ target: 'uniform', maxWeight: 1.5 }))
    expect(clipped).toMatchObject({ maxWeight: 1.5, largestWeight: 1.5 })
    expect(clipped.clipped).toBeGreaterThan(0)
    const filled = run({ target: 'popular' })
    await expect(filled).rejects.toThrow('300 have no candidates of popular (serve with it in the mix)')

    const table = (await run({ json: false })).split('\n')
    expect(table[0]).toBe('1,500 positions of 300 slates that keep their candidates')
    expect(table).toContainEqual(
      expect.stringMatching(/^greedy, SNIPS +1\.0000 +1\.0000 to 1\.0000 +0\.0000$/),
    )
    expect(table).toContainEqual(
      expect.stringMatching(/^Effective sample size: [\d,]+ of 1,500 positions; mean/),
    )
  })

  test('asks a stored model with the history from before each slate, and leaves out what it was trained on', async () => {
    const log = createLogger({ service: 'test', level: 'silent' })
    const training = createTrainingService({ store, clock, log })
    const at = Date.now() - DAY_MS
    // i59 goes with i30 for these, so the model ranks i30 first after i59.
    await store.importInteractions(
      Array.from({ length: 40 }, (_, number) => [
        sampleInteraction(`t-${number}-a`, { userId: `t${number}`, itemId: 'i59', occurredAt: at - 10 }),
        sampleInteraction(`t-${number}-b`, {
          ...{ userId: `t${number}`, itemId: number % 4 === 0 ? 'i31' : 'i30', occurredAt: at - 10 },
        }),
      ]).flat(),
    )
    const { id } = await training.train({
      ...{ owner: 'ada', reason: 'test', choice: { algorithm: 'item-knn', parameters: {} } },
    })
    await serve(300, (itemId) => itemId === 'i30')
    const found = JSON.parse(await run({ target: id }))
    expect(found).toMatchObject({ slates: 300, slatesBeforeTraining: 0 })
    // At the first position, and at those before i30 was served, the model would put i30, which is played.
    expect(found.snips.value).toBeGreaterThan(0.6)

    await store.importInteractions([sampleInteraction('last', { occurredAt: Date.now() + 1 })])
    const later = await training.train({
      ...{ owner: 'ada', reason: 'test', choice: { algorithm: 'item-knn', parameters: {} } },
    })
    await expect(run({ target: later.id })).rejects.toThrow(
      '300 are from before the end of the training data',
    )
  })

  test('says what to do where nothing is logged, or the target is unknown', async () => {
    await expect(run()).rejects.toThrow('CANDIDATE_LOG_RATE above 0')
    await expect(run({ target: 'none-v1' })).rejects.toThrow('name greedy, uniform, a source (model, popular')
  })
})

test('export candidates writes what gives the slates again, with propensities and rewards', async () => {
  await serve(60, (itemId) => itemId === 'i0')
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-candidates-'))
  try {
    const written = await exportCandidates({ store, folder, onProgress: () => undefined })
    expect(written).toEqual({ slates: 60, files: ['candidates.jsonl'] })
    const lines = readFileSync(join(folder, 'candidates.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(60)
    type Line = CandidateLog & {
      slateId: string
      policy: { seed: string; candidatesHash: string }
      items: { position: number; itemId: string; propensity: number; reward: number }[]
    }
    for (const line of lines) {
      const slate = JSON.parse(line) as Line
      const picks = selectAgain(slate, slate.policy.seed)
      expect(picks.map(({ candidate, propensity }) => [candidate.itemId, propensity])).toEqual(
        slate.items.map(({ itemId, propensity }) => [itemId, propensity]),
      )
      expect(candidatesHash(loggedLists(slate))).toBe(slate.policy.candidatesHash)
      for (const { itemId, reward } of slate.items) expect(reward).toBe(itemId === 'i0' ? 1 : 0)
    }
    await expect(exportCandidates({ store, folder, onProgress: () => undefined })).rejects.toThrow(
      'is not empty',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
