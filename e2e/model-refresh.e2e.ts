import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelStageEventId } from '@bulkhead/contracts'
import { afterAll, describe, expect, test } from 'vitest'
import { apiSettings, runExperimentation, runPersonalization } from './harness/commands.ts'
import { describeOnSqlite, shareStack } from './harness/datastores.ts'
import { addGoodShadow } from './harness/models/good-shadow.ts'
import {
  APPROVAL,
  act,
  lacksNothing as lacksNothingOn,
  promote as promoteOn,
  servedBy as servedOf,
  startReviewedExperiment,
} from './harness/models/model-walk.ts'
import type { Stack } from './harness/stack.ts'
import { storedEventIds } from './harness/stored-events.ts'
import type { User } from './harness/token.ts'
import { waitUntil } from './harness/wait-until.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1)
const TASTES = 6
const ITEMS_PER_TASTE = 8
/** Each of them has every item of a taste at last, one a day. */
const REGULARS = Array.from({ length: 120 }, (_, n) => `u${n}`)
/** They have items of a taste beside common ones, which is what is left for the regulars in the end. */
const BRIDGES = Array.from({ length: 36 }, (_, n) => `b${n}`)
const COMMON_ITEMS = 5
/** They come on the sixth day, for items that nobody else has, and do not come again. */
const NEWCOMERS = Array.from({ length: 40 }, (_, n) => `new${n}`)
const EVERYBODY = [...REGULARS, ...NEWCOMERS]
const CANARY_SHARE = 0.5
/** A busy machine degrades no slate. */
const PATIENT = { HYDRATION_DEADLINE_MS: '10000', COMMIT_DEADLINE_MS: '10000', SLATE_TARGET_MS: '60000' }

function interactions(): string {
  const regular = REGULARS.flatMap((user, n) =>
    Array.from({ length: ITEMS_PER_TASTE }, (_, day) => {
      const item = (n * 3 + day * (1 + 2 * (n % 2))) % ITEMS_PER_TASTE
      return [user, `t${n % TASTES}-${item}`, 'PLAY', new Date(dayOf(day)).toISOString()].join()
    }),
  )
  const late = NEWCOMERS.flatMap((user, n) =>
    [0, 1, 2].map((k) =>
      [user, `new-${(n + k) % ITEMS_PER_TASTE}`, 'PLAY', new Date(dayOf(5) + k).toISOString()].join(),
    ),
  )
  const bridges = BRIDGES.flatMap((user, n) =>
    [
      `t${n % TASTES}-${n % ITEMS_PER_TASTE}`,
      `t${n % TASTES}-${(n + 3) % ITEMS_PER_TASTE}`,
      `c${n % COMMON_ITEMS}`,
      `c${(n + 1) % COMMON_ITEMS}`,
    ].map((item) => [user, item, 'PLAY', new Date(dayOf(1)).toISOString()].join()),
  )
  return `userId,itemId,type,occurredAt\n${[...regular, ...bridges, ...late].join('\n')}\n`
}

function dayOf(day: number): number {
  return FIRST_DAY + day * DAY_MS
}

/** A time on the command line, before the interactions of a day. */
function before(day: number): readonly string[] {
  return ['--until', new Date(dayOf(day) - 1).toISOString()]
}

const VERSION = /* GraphQL */ `
  query ($id: ID!) {
    modelVersion(id: $id) {
      stage artefactHash
      recipe { algorithm parameters dataSource codeVersion }
      refresh { of { id } decisionHash }
      shadow { requests }
      canary { champion { id } canary { lists failed } production { lists failed } }
      nextSteps { to missing }
      stageHistory { to reason evidence { kind hash record } }
    }
  }
`
const DECISION = '{ experiment(key: "challenge") { decision { recipe { algorithm codeVersion } } } }'

describeOnSqlite('a refresh', (acquire) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-refresh-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let stack: Stack
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    {
      demo: false,
      env: {
        personalization: { SHADOW_SAMPLE_RATE: '1', CANARY_SHARE: String(CANARY_SHARE), ...PATIENT },
        experimentation: { REVIEW_QUORUM: '1' },
      },
    },
  )

  const personalization = (...args: readonly string[]) => runPersonalization(stack, args)

  async function as(user: User, ...args: readonly string[]): Promise<string> {
    return runPersonalization(stack, args, await apiSettings(stack, user))
  }

  async function bootstrap(user: User, ...args: readonly string[]): Promise<string> {
    return runExperimentation(stack, ['bootstrap', ...args], await apiSettings(stack, user))
  }

  async function version(id: string) {
    const { data, errors } = await stack.query(VERSION, { id })
    expect(errors).toEqual([])
    return data.modelVersion
  }

  const servedBy = (userId = 'u1') => servedOf(stack, userId)
  const promote = (id: string, to: string) => promoteOn(stack, id, to)
  const lacksNothing = (id: string, to: string) => lacksNothingOn(stack, id, to)

  async function servedTo(userIds: readonly string[]): Promise<readonly string[]> {
    const served: string[] = []
    for (const userId of userIds) served.push(await servedBy(userId))
    return served
  }

  /** One slate of each, until something is so. */
  async function serveUntil(what: string, userIds: readonly string[], isSo: () => Promise<boolean>) {
    let slates = 0
    await waitUntil(
      what,
      async () => {
        for (let n = 0; n < 40; n++) await servedBy(userIds[slates++ % userIds.length])
        return isSo()
      },
      120_000,
    )
  }

  /** Until experimentation has stored an event for each change of the version's stage. */
  function toldOf(id: string, changes: number): Promise<void> {
    return waitUntil(`experimentation knows of every stage of ${id}`, async () => {
      const stored = await storedEventIds(stack.datastores.experimentation, 'modelStageChanged')
      return Array.from({ length: changes }, (_, at) => modelStageEventId(id, at + 1)).every((eventId) =>
        stored.includes(eventId),
      )
    })
  }

  async function missingFor(id: string, to: string): Promise<readonly string[] | undefined> {
    const steps: readonly { readonly to: string; readonly missing: readonly string[] }[] = (await version(id))
      .nextSteps
    return steps.find((step) => step.to === to)?.missing
  }

  function idIn(printed: string): string {
    return /Model (\S+) /.exec(printed)?.[1] ?? expect.fail(printed)
  }

  async function train(day: number, ...options: readonly string[]): Promise<string> {
    return idIn(await personalization('train', '--register', ...before(day), ...options))
  }

  /** From REGISTERED to EXPERIMENT, with a real evaluation. `model-path.e2e.ts` waits for the whole time in shadow. */
  async function walk(id: string): Promise<void> {
    await personalization('evaluate', '--model', id, '--record')
    for (const to of ['EVALUATED', 'SHADOW']) expect(await promote(id, to)).toBe(to)
    await serveUntil(`${id} was in shadow`, REGULARS, async () => {
      return ((await version(id)).shadow?.requests ?? 0) > 0
    })
    await addGoodShadow(stack.datastores.personalization, id)
    expect(await promote(id, 'EXPERIMENT')).toBe('EXPERIMENT')
  }

  async function shipInExperiment(champion: string, challenger: string): Promise<void> {
    const key = 'challenge'
    await startReviewedExperiment(stack, key, { control: champion, treatment: challenger, surface: 'home' })
    expect(await act(stack, key, 'stopExperiment')).toEqual([])
    const { recipe } = await version(challenger)
    const decision = { outcome: 'SHIP', variantKey: 'treatment', rationale: 'it is better' }
    const nonsense = { ...recipe, parameters: { lambda: 'much' } }
    expect(await act(stack, key, 'recordDecision', { ...decision, recipe: nonsense })).toMatchObject([
      { path: ['recipe', 'parameters', 'lambda'] },
    ])
    expect(await act(stack, key, 'recordDecision', { ...decision, recipe })).toEqual([])
    expect(await act(stack, key, 'reviewDecision', APPROVAL, 'ben')).toEqual([])
    await lacksNothing(challenger, 'PRODUCTION')
    expect(await promote(challenger, 'PRODUCTION')).toBe('PRODUCTION')
    await waitUntil('the challenger serves', async () => (await servedBy()) === `MODEL ${challenger}`)
  }

  describe('of a version that an experiment has shipped with its recipe', () => {
    let first = ''
    let shipped = ''
    let refreshed = ''

    test('is refused until a decision binds one', async () => {
      const file = join(folder, 'plays.csv')
      writeFileSync(file, interactions())
      await personalization('import', 'interactions', file, '--no-train')
      await waitUntil('the catalogue is read', async () => (await servedBy()).startsWith('POPULAR'))
      first = await train(5, '--algorithm', 'item-knn')
      await personalization('evaluate', '--model', first, '--record')
      expect(await promote(first, 'EVALUATED')).toBe('EVALUATED')
      await waitUntil('experimentation knows of it', async () => {
        const recorded = await bootstrap('ana', 'record', first, '--rationale', 'the first').catch(String)
        return recorded.includes('IN_REVIEW')
      })
      await bootstrap('ben', 'review', first, '--approve', '--comment', 'as measured')
      await lacksNothing(first, 'PRODUCTION')
      expect(await promote(first, 'PRODUCTION')).toBe('PRODUCTION')
      await expect(personalization('refresh', first, ...before(7))).rejects.toThrow(
        /was not let into production by a SHIP decision that binds the recipe/,
      )
      await waitUntil('the first model serves', async () => (await servedBy()) === `MODEL ${first}`)
      shipped = await train(6, '--algorithm', 'ease', '--lambda', '300')
      await walk(shipped)
      await shipInExperiment(first, shipped)
      const { data } = await stack.query(DECISION)
      expect(data.experiment.decision.recipe).toEqual({ algorithm: 'ease', codeVersion: 'ease/1' })
    })

    test('passes offline, shadow and a canary into PRODUCTION, without another experiment', async () => {
      refreshed = idIn(await personalization('refresh', shipped, ...before(7)))
      const { recipe, refresh } = await version(refreshed)
      expect(recipe).toEqual((await version(shipped)).recipe)
      expect(recipe.parameters).toEqual({ lambda: 300, neighbours: 200 })
      expect(refresh.of).toEqual({ id: shipped })
      expect(await promote(refreshed, 'PRODUCTION')).toMatch(/does not have this step/)
      await walk(refreshed)
      await waitUntil('its canary serves', async () => {
        const served = await servedTo(REGULARS.slice(0, 10))
        return served.includes(`MODEL ${refreshed}`)
      })
      expect(await promote(refreshed, 'PRODUCTION')).toMatch(/of at least 200 lists|no canary report/)
      // The same listeners each time, and about half of them.
      const served = await servedTo(EVERYBODY)
      expect(await servedTo(EVERYBODY)).toEqual(served)
      const ofCanary = served.filter((by) => by === `MODEL ${refreshed}`).length
      expect(Math.abs(ofCanary / EVERYBODY.length - CANARY_SHARE)).toBeLessThan(0.15)
      expect(new Set(served)).toEqual(new Set([`MODEL ${refreshed}`, `MODEL ${shipped}`]))
      await serveUntil('its canary was long enough', EVERYBODY, async () => {
        return (await missingFor(refreshed, 'PRODUCTION'))?.length === 0
      })
      expect(await as('ana', 'promote', refreshed, '--reason', 'as good')).toBe(
        `${refreshed} is PRODUCTION\n`,
      )
      await waitUntil('it serves everybody', async () => {
        const now = await servedTo(EVERYBODY.slice(0, 20))
        return now.every((by) => by === `MODEL ${refreshed}`)
      })
      const { stageHistory, canary } = await version(refreshed)
      const { evidence } = stageHistory.at(-1)
      expect(evidence).toMatchObject({ kind: 'CANARY', record: { championId: shipped } })
      expect(evidence.record.canary.lists).toBeGreaterThanOrEqual(200)
      expect(canary).toMatchObject({
        champion: { id: shipped },
        canary: { failed: 0 },
        production: { failed: 0 },
      })
      const path = await as('ana', 'models', 'show', refreshed)
      expect(path).toMatch(new RegExp(`^Refresh of ${shipped}, by the recipe of decision [0-9a-f]{12}`, 'm'))
      expect(path).toMatch(/\(x\) PRODUCTION .* by ana: as good, on canary [0-9a-f]{12}/)
      expect(path).toMatch(new RegExp(`^Canary, beside ${shipped}$`, 'm'))
      expect(await as('ana', 'shadow', refreshed)).toContain(`${refreshed} in stage PRODUCTION`)
      await toldOf(refreshed, stageHistory.length)
    })

    test('that does worse is off by itself, with the reason, and does not come back', async () => {
      // As if the data had stopped early: it knows nothing of what newcomers like, and nobody else notices.
      const stale = idIn(await personalization('refresh', refreshed, ...before(5)))
      expect((await version(stale)).refresh.of).toEqual({ id: shipped })
      await walk(stale)
      await serveUntil('it is off', EVERYBODY, async () => (await version(stale)).stage === 'RETIRED')
      const { stageHistory } = await version(stale)
      expect(stageHistory.at(-1)).toMatchObject({
        to: 'RETIRED',
        evidence: { kind: 'GUARDRAIL' },
        reason: expect.stringMatching(/% of its canary's lists are empty, 0\.0 % of those of ease/),
      })
      await toldOf(stale, stageHistory.length)
      expect(await stack.metric('personalization', 'bulkhead_models_switched_off_total')).toBe(1)
      await waitUntil('production serves everybody', async () => {
        const now = await servedTo(EVERYBODY)
        return now.every((by) => by === `MODEL ${refreshed}`)
      })
      for (const to of ['EXPERIMENT', 'PRODUCTION']) {
        expect(await promote(stale, to)).toMatch(/does not have this step/)
      }
      await expect(personalization('refresh', shipped, ...before(5))).rejects.toThrow(
        /is RETIRED and does not come back/,
      )
      expect(await as('ana', 'models', 'show', stale)).toMatch(/\(x\) RETIRED .*lists are empty/)
    })

    test('that was rolled back leaves the shipped version, whose recipe is revoked', async () => {
      expect(await as('ben', 'rollback', refreshed, '--reason', 'e2e')).toBe(
        `${refreshed} is rolled back; ${shipped} serves again\n`,
      )
      await waitUntil('the version before serves', async () => (await servedBy()) === `MODEL ${shipped}`)
      await expect(personalization('refresh', shipped)).rejects.toThrow(
        new RegExp(`${refreshed} was taken out of service, which has revoked the recipe of ${shipped}`),
      )
    })
  })
})
