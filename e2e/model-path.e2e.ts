import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { apiSettings, runExperimentation, runPersonalization } from './harness/commands.ts'
import { describeOnSqlite, shareStack } from './harness/datastores.ts'
import type { Stack } from './harness/stack.ts'
import type { User } from './harness/token.ts'
import { waitUntil } from './harness/wait-until.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1)
const USERS = 120
/** Tastes that share nothing: users of one never have an item of another. */
const TASTES = 6
const ITEMS_PER_TASTE = 8
const DAYS = 7
const REASON = ['--reason', 'e2e']

/** Every user takes the items of a taste in an order of their own, one a day. */
function interactions(): string {
  const rows = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: DAYS }, (_, day) => {
      const item = (user * 3 + day * (1 + 2 * (user % 2))) % ITEMS_PER_TASTE
      return [`u${user}`, `t${user % TASTES}-${item}`, 'PLAY', new Date(dayOf(day)).toISOString()].join()
    }),
  )
  return `userId,itemId,type,occurredAt\n${rows.flat().join('\n')}\n`
}

function dayOf(day: number): number {
  return FIRST_DAY + day * DAY_MS
}

/** A time on the command line, before the interactions of a day. */
function before(day: number): string {
  return new Date(dayOf(day) - 1).toISOString()
}

const SLATE = /* GraphQL */ `
  query ($userId: ID!) {
    recommendations(userId: $userId) {
      id
      servedBy { rung cause }
      modelVersion { id }
      items { nodes { id } }
    }
  }
`
const SHADOW = 'query ($id: ID!) { modelVersion(id: $id) { shadow { requests } } }'
const NEXT_STEPS = 'query ($id: ID!) { modelVersion(id: $id) { nextSteps { to missing } } }'
const PROMOTE = /* GraphQL */ `
  mutation ($id: ID!, $to: ModelStage!) {
    promoteModel(input: { id: $id, to: $to, reason: "e2e" }) { modelVersion { stage } errors { message } }
  }
`
const APPROVED = { approved: true, comment: 'as planned' }
const EXPERIMENT = {
  ...{ key: 'challenge', name: 'Challenge', hypothesis: 'The challenger is played more.', owner: 'e2e' },
  surfaces: ['home'],
  metrics: [],
  plan: { plannedSampleSize: 1_000 },
}
const CREATE = /* GraphQL */ `
  mutation ($metric: MetricInput!, $input: CreateExperimentInput!) {
    createMetric(input: $metric) { errors { code message } }
    createExperiment(input: $input) { errors { code message } }
  }
`

describeOnSqlite('the path of a model', (acquire) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-path-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let stack: Stack
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    {
      demo: false,
      env: { personalization: { SHADOW_SAMPLE_RATE: '1' }, experimentation: { REVIEW_QUORUM: '1' } },
    },
  )

  const personalization = (...args: readonly string[]) => runPersonalization(stack, args)

  async function as(user: User, ...args: readonly string[]): Promise<string> {
    return runPersonalization(stack, args, await apiSettings(stack, user))
  }

  async function decide(user: User, ...args: readonly string[]): Promise<string> {
    return runExperimentation(stack, ['bootstrap', ...args], await apiSettings(stack, user))
  }

  /** One step of the experiment's lifecycle. */
  async function act(name: string, user: User, input: Record<string, unknown> = { reason: 'e2e' }) {
    const type = {
      reviewDecision: 'ReviewInput',
      reviewExperiment: 'ReviewInput',
      recordDecision: 'RecordDecisionInput',
    }[name]
    const { data } = await stack.query('{ experiment(key: "challenge") { revision } }')
    const revision = data.experiment.revision
    const result = await stack.query(
      `mutation ($input: ${type ?? 'ExperimentActionInput'}!) { ${name}(input: $input) { errors { code message } } }`,
      { input: { key: EXPERIMENT.key, revision, ...input } },
      { as: user },
    )
    expect(result.errors).toEqual([])
    expect(result.data[name].errors).toEqual([])
  }

  async function servedBy(userId = 'u1'): Promise<string> {
    const { data, errors } = await stack.query(SLATE, { userId })
    expect(errors).toEqual([])
    const { servedBy, modelVersion, items } = data.recommendations
    expect(items.nodes.length).toBeGreaterThan(0)
    return [servedBy.rung, modelVersion?.id ?? servedBy.cause].join(' ')
  }

  /** Until the version lacks nothing for a stage: decisions arrive with the snapshot, shadow reports every two seconds. */
  function lacksNothing(id: string, to: string): Promise<void> {
    return waitUntil(`${id} lacks nothing for ${to}`, async () => {
      const { data } = await stack.query(NEXT_STEPS, { id })
      const steps: readonly { readonly to: string; readonly missing: readonly string[] }[] =
        data.modelVersion.nextSteps
      return steps.find((step) => step.to === to)?.missing.length === 0
    })
  }

  /** One step along the path; resolves to the new stage, or to what is missing. */
  async function promote(id: string, to: string): Promise<string> {
    const { data, errors } = await stack.query(PROMOTE, { id, to }, { as: 'ana' })
    expect(errors).toEqual([])
    const { modelVersion, errors: refusals } = data.promoteModel
    return modelVersion?.stage ?? refusals.map((one: { message: string }) => one.message).join()
  }

  async function train(until: number, ...options: readonly string[]): Promise<string> {
    const printed = await personalization('train', '--until', before(until), ...options)
    expect(printed).toMatch(/REGISTERED: it does not serve yet/)
    return /Model (\S+) /.exec(printed)?.[1] ?? expect.fail(printed)
  }

  test('is walked by the first model with a decision of two people, and by its challenger with an experiment', async () => {
    const file = join(folder, 'plays.csv')
    writeFileSync(file, interactions())
    await personalization('import', 'interactions', file, '--no-train')
    await waitUntil('the catalogue is read', async () => (await servedBy()).startsWith('POPULAR'))

    // The first model: few neighbours an item, so that its challenger is no worse.
    const first = await train(5, '--algorithm', 'item-knn', '--neighbours', '3')
    await expect(as('ana', 'promote', first, ...REASON)).rejects.toThrow(/GATE_NOT_PASSED.*was not evaluated/)
    expect(await promote(first, 'PRODUCTION')).toMatch(/does not have this step/)
    await personalization('evaluate', '--model', first, '--record')
    expect(await as('ana', 'promote', first, ...REASON)).toBe(`${first} is EVALUATED\n`)
    expect(await promote(first, 'PRODUCTION')).toMatch(/no signed bootstrap decision/)
    await waitUntil('experimentation knows of it', async () => {
      const recorded = await decide('ana', 'record', first, '--rationale', 'the first').catch(String)
      return recorded.includes('IN_REVIEW')
    })
    await decide('ben', 'review', first, '--approve', '--comment', 'as measured')
    await lacksNothing(first, 'PRODUCTION')
    expect(await as('ana', 'promote', first, '--to', 'PRODUCTION', ...REASON)).toBe(
      `${first} is PRODUCTION\n`,
    )
    await waitUntil('it serves', async () => (await servedBy()) === `MODEL ${first}`)

    const second = await train(6, '--algorithm', 'ease')
    expect(await promote(second, 'SHADOW')).toMatch(/does not have this step/)
    await personalization('evaluate', '--model', second, '--record')
    expect(await promote(second, 'EVALUATED')).toBe('EVALUATED')
    expect(await promote(second, 'PRODUCTION')).toMatch(/serves, so it is not the first model/)
    expect(await promote(second, 'SHADOW')).toBe('SHADOW')
    expect(await promote(second, 'EXPERIMENT')).toMatch(/no shadow report/)
    let slates = 0
    await waitUntil(
      'it was in shadow of enough slates',
      async () => {
        for (let n = 0; n < 20; n++) expect(await servedBy(`u${slates++ % USERS}`)).toBe(`MODEL ${first}`)
        const { data } = await stack.query(SHADOW, { id: second })
        const { shadow } = data.modelVersion
        return (shadow?.requests ?? 0) >= 200
      },
      90_000,
    )
    expect(await promote(second, 'EXPERIMENT')).toBe('EXPERIMENT')

    const variant = (key: string, modelVersionId: string, isControl: boolean) => ({
      ...{ key, name: key, weight: 0.5, isControl, payload: { modelVersionId } },
    })
    const { data } = await stack.query(
      CREATE,
      {
        metric: { key: 'path-plays', name: 'Plays', kind: 'COUNT', event: 'PLAY' },
        input: {
          ...EXPERIMENT,
          metrics: [{ metricKey: 'path-plays', role: 'SUCCESS' }],
          variants: [variant('control', first, true), variant('treatment', second, false)],
        },
      },
      { as: 'ana' },
    )
    expect([data.createMetric.errors, data.createExperiment.errors]).toEqual([[], []])
    await act('submitForReview', 'ana')
    await act('reviewExperiment', 'ben', APPROVED)
    await act('startExperiment', 'ana')
    await waitUntil('it serves those in the treatment', async () => {
      const served = await Promise.all(Array.from({ length: 10 }, (_, user) => servedBy(`u${user}`)))
      return served.includes(`MODEL ${second}`) && served.includes(`MODEL ${first}`)
    })
    await act('stopExperiment', 'ana')
    await act('recordDecision', 'ana', {
      outcome: 'SHIP',
      variantKey: 'treatment',
      rationale: 'it is better',
    })
    expect(await promote(second, 'PRODUCTION')).toMatch(/no signed SHIP decision/)
    await act('reviewDecision', 'ben', APPROVED)
    await lacksNothing(second, 'PRODUCTION')
    expect(await as('ana', 'promote', second, ...REASON)).toBe(`${second} is PRODUCTION\n`)
    await waitUntil('it serves', async () => (await servedBy()) === `MODEL ${second}`)

    expect(await as('ben', 'rollback', second, ...REASON)).toBe(
      `${second} is rolled back; ${first} serves again\n`,
    )
    const rolledBackAt = performance.now()
    await waitUntil('the version before serves', async () => (await servedBy()) === `MODEL ${first}`)
    expect(performance.now() - rolledBackAt).toBeLessThan(1_000)
    expect(await promote(second, 'PRODUCTION')).toMatch(/does not have this step/)
    await waitUntil('experimentation has revoked the decision', async () => {
      const decision = '{ experiment(key: "challenge") { decision { outcome revokedAt } } }'
      return (await stack.query(decision)).data.experiment.decision.revokedAt !== null
    })
    const path = await as('ana', 'models', 'show', second)
    expect(path).toMatch(
      /\(x\) PRODUCTION .* by ana: e2e, on decision [0-9a-f]{12}\n.*\(x\) RETIRED .* by ben: e2e/,
    )
  })
})
