import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDemoClients, type DemoClients } from '@bulkhead/dev/demo/clients'
import {
  analyseAll,
  approveDecision,
  defineMetric,
  findExperiment,
  recordDecision,
} from '@bulkhead/dev/demo/experiments'
import { fetchSlate, visitHome } from '@bulkhead/dev/demo/listeners'
import { findVersion, promoteWhenReady } from '@bulkhead/dev/demo/versions'
import {
  recordBootstrapDecision,
  reviewBootstrapDecision,
} from '@bulkhead/experimentation/api/bootstrap-decisions'
import {
  createExperiment,
  reviewExperiment,
  stepExperiment,
} from '@bulkhead/experimentation/api/change-experiment'
import { promoteModel, rollBackModel } from '@bulkhead/personalization/api/model-path'
import { createClock, readOffset, setDevelopmentClock } from '@bulkhead/service/config/development-clock'
import { afterAll, expect, test } from 'vitest'
import { runPersonalization } from './harness/commands.ts'
import { describeOnSqlite, shareStack } from './harness/datastores.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1)
const LISTENERS = 120
/** Listeners of one genre never have a track of another. */
const GENRES = 6
const TRACKS = 12
/**
 * The edition of what is played on each day: last year's, this year's, this week's. On the last day everybody is nostalgic, so
 * that a model which knows nothing else looks no worse on it.
 */
const EDITION_OF_DAY = [0, 0, 1, 1, 2, 2, 2, 0] as const
/** What listeners play of their slates is what is new. */
const LIKELIHOOD: Readonly<Record<string, number>> = { '0': 0.05, '1': 0.3, '2': 0.6 }
const METRIC = { key: 'plays-of-a-day', name: 'Plays', kind: 'COUNT', event: 'PLAY', windowHours: 24 }

const listeners = Array.from({ length: LISTENERS }, (_, n) => `u${n}`)

/** Two tracks a day of their genre, each new to them; neighbours among the listeners have most of them in common. */
function history(): string {
  const rows = listeners.flatMap((userId, n) => {
    const played = new Map<number, number>()
    return EDITION_OF_DAY.flatMap((edition, day) =>
      [0, 1].map((second) => {
        const before = played.get(edition) ?? 0
        played.set(edition, before + 1)
        const track = (Math.floor(n / GENRES) + before) % TRACKS
        const at = new Date(FIRST_DAY + day * DAY_MS + second * 3_600_000).toISOString()
        return [userId, `e${edition}-g${n % GENRES}-${track}`, 'PLAY', at].join()
      }),
    )
  })
  return `userId,itemId,type,occurredAt\n${rows.join('\n')}\n`
}

function startOf(day: number): string {
  return new Date(FIRST_DAY + day * DAY_MS).toISOString()
}

describeOnSqlite('challengers', (acquire) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-challengers-'))
  const clockFile = join(folder, 'clock')
  setDevelopmentClock(clockFile, -20 * DAY_MS)
  const time = { NODE_ENV: 'development', DEVELOPMENT_CLOCK_FILE: clockFile }
  const { signal } = new AbortController()
  afterAll(() => rmSync(folder, { recursive: true }))
  let stack: Stack
  let clients: DemoClients
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    {
      demo: false,
      env: {
        personalization: { ...time, SHADOW_SAMPLE_RATE: '1' },
        experimentation: { ...time, REVIEW_QUORUM: '1' },
      },
    },
  )

  function personalization(...args: readonly string[]): Promise<string> {
    return runPersonalization(stack, args, time)
  }

  async function train(until: number, cutoff?: number): Promise<string> {
    const printed = await personalization('train', '--algorithm', 'item-knn', '--until', startOf(until))
    const id = /^Model (\S+) /m.exec(printed)?.[1] ?? expect.fail(printed)
    expect(printed).toContain('REGISTERED')
    const from = cutoff === undefined ? [] : ['--cutoff', startOf(cutoff)]
    await personalization('evaluate', '--model', id, '--record', ...from)
    await promote(id, 'EVALUATED')
    return id
  }

  async function promote(
    id: string,
    to: 'EVALUATED' | 'SHADOW' | 'EXPERIMENT' | 'PRODUCTION',
  ): Promise<void> {
    await promoteWhenReady(clients.author, { id, to, reason: 'e2e' }, signal)
  }

  async function served(userId: string): Promise<string | undefined> {
    return (await fetchSlate(clients.listeners, userId)).modelVersion?.id
  }

  /** Until it is the same as in the last slates of all. */
  function serves(id: string): Promise<void> {
    return waitUntil(`${id} serves`, async () => (await served('u1')) === id)
  }

  async function shadow(id: string): Promise<void> {
    await promote(id, 'SHADOW')
    await waitUntil(
      'it was asked beside enough slates',
      async () => {
        for (const userId of listeners.slice(0, 40)) await fetchSlate(clients.listeners, userId)
        return ((await findVersion(clients.author, id))?.shadow?.requests ?? 0) >= 200
      },
      120_000,
    )
    await promote(id, 'EXPERIMENT')
  }

  /** A model challenges the one that serves for two days; what its own analysis recommends is decided. */
  async function decideOn(key: string, champion: string, challenger: string): Promise<string> {
    const { author, reviewer } = clients
    await defineMetric(author, METRIC)
    const variant = (name: string, modelVersionId: string, isControl: boolean) => ({
      ...{ key: name, name, weight: 0.5, isControl, payload: { modelVersionId } },
    })
    await createExperiment(author, {
      ...{ key, name: key, hypothesis: 'The challenger is played more.', owner: 'e2e', surfaces: ['home'] },
      variants: [variant('control', champion, true), variant('challenger', challenger, false)],
      metrics: [{ metricKey: METRIC.key, role: 'SUCCESS' }],
      plan: { plannedSampleSize: LISTENERS },
    })
    const step = { key, revision: null, reason: 'e2e' }
    await stepExperiment(author, { ...step, step: 'submit' })
    await reviewExperiment(reviewer, { key, revision: null, approved: true, comment: 'e2e' })
    await stepExperiment(author, { ...step, step: 'start' })
    await waitUntil('the challenger serves those in its group', async () => {
      const models = await Promise.all(listeners.slice(0, 10).map(served))
      return models.includes(challenger)
    })
    await visitHome(
      clients.listeners,
      listeners.map((userId) => ({ userId, occasion: key })),
      ({ itemId }) => LIKELIHOOD[itemId.slice(1, 2)] ?? 0,
    )
    for (let day = 0; day < 2; day++) setDevelopmentClock(clockFile, readOffset(clockFile) + DAY_MS)
    await stepExperiment(author, { ...step, step: 'stop' })
    const now = () => createClock(clockFile).now()
    const { id, verdict, health } = await analyseAll(clients, { key, units: LISTENERS, now, signal })
    expect(health.filter(({ passed }) => !passed)).toEqual([])
    const revision = async () => (await findExperiment(author, key))?.revision ?? 0
    const { recommendation: outcome, variantKey } = verdict
    const decision = { key, outcome, variantKey, analysisId: id, rationale: 'As the analysis says.' }
    await recordDecision(author, { ...decision, revision: await revision() })
    await expect(promoteModel(author, { id: challenger, to: 'PRODUCTION', reason: 'e2e' })).rejects.toThrow(
      /GATE_NOT_PASSED.*no signed SHIP decision/,
    )
    await approveDecision(reviewer, { key, revision: await revision(), comment: 'e2e' })
    await stack.snapshotArrives()
    return outcome
  }

  test('one that listeners truly like less ends in ROLLBACK and never serves, one that they prefer in SHIP and PRODUCTION', async () => {
    clients = await createDemoClients({
      ...{ url: stack.url('gateway', '/graphql'), secret: stack.secrets.tokenSecret, signal },
    })
    const file = join(folder, 'plays.csv')
    writeFileSync(file, history())
    await personalization('import', 'interactions', file, '--no-train')

    const champion = await train(4)
    const { author, reviewer } = clients
    const bootstrap = { modelVersionId: champion, evaluationHash: null, rationale: 'The first.' }
    await waitUntil('experimentation knows of it', async () => {
      const recorded = await recordBootstrapDecision(author, bootstrap).catch(String)
      return typeof recorded !== 'string'
    })
    const approval = { modelVersionId: champion, revision: null, approved: true, comment: 'e2e' }
    await reviewBootstrapDecision(reviewer, approval)
    await promote(champion, 'PRODUCTION')
    await serves(champion)

    // It knows last year's tracks alone, and is asked for nothing else offline.
    const worse = await train(2, 7)
    await shadow(worse)
    expect(await decideOn('nostalgia', champion, worse)).toBe('ROLLBACK')
    await expect(promoteModel(author, { id: worse, to: 'PRODUCTION', reason: 'e2e' })).rejects.toThrow(
      /GATE_NOT_PASSED/,
    )
    expect((await promoteModel(author, { id: worse, to: 'RETIRED' as const, reason: 'e2e' })).stage).toBe(
      'RETIRED',
    )
    await serves(champion)

    const better = await train(6)
    await shadow(better)
    expect(await decideOn('novelty', champion, better)).toBe('SHIP')
    await promote(better, 'PRODUCTION')
    await serves(better)

    await rollBackModel(author, { id: better, reason: 'e2e' })
    await serves(champion)
    await waitUntil('experimentation has revoked the decision', async () => {
      const { data } = await stack.query('{ experiment(key: "novelty") { decision { revokedAt } } }')
      return data.experiment.decision.revokedAt !== null
    })
  }, 600_000)
})
