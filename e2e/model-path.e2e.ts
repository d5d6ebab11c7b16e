import { expect, test } from 'vitest'
import { apiSettings, runExperimentation, runPersonalization } from './harness/commands.ts'
import { describeOnSqlite, shareStack } from './harness/datastores.ts'
import { importPlays, trainOnDays, USERS } from './harness/models/first-model.ts'
import {
  APPROVAL,
  act,
  lacksNothing,
  promote,
  servedBy,
  startReviewedExperiment,
} from './harness/models/model-walk.ts'
import type { Stack } from './harness/stack.ts'
import type { User } from './harness/token.ts'
import { waitUntil } from './harness/wait-until.ts'

const REASON = ['--reason', 'e2e']
const EXPERIMENT = 'challenge'
const SHADOW = 'query ($id: ID!) { modelVersion(id: $id) { shadow { requests } } }'

describeOnSqlite('the path of a model', (acquire) => {
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

  const served = (userId = 'u1') => servedBy(stack, userId)

  test('is walked by the first model with a decision of two people, and by its challenger with an experiment', async () => {
    await importPlays(stack)
    await waitUntil('the catalogue is read', async () => (await served()).startsWith('POPULAR'))

    // The first model: few neighbours an item, so that its challenger is no worse.
    const first = await trainOnDays(stack, 5, '--algorithm', 'item-knn', '--neighbours', '3')
    await expect(as('ana', 'promote', first, ...REASON)).rejects.toThrow(/GATE_NOT_PASSED.*was not evaluated/)
    expect(await promote(stack, first, 'PRODUCTION')).toMatch(/does not have this step/)
    await personalization('evaluate', '--model', first, '--record')
    expect(await as('ana', 'promote', first, ...REASON)).toBe(`${first} is EVALUATED\n`)
    expect(await promote(stack, first, 'PRODUCTION')).toMatch(/no signed bootstrap decision/)
    await waitUntil('experimentation knows of it', async () => {
      const recorded = await decide('ana', 'record', first, '--rationale', 'the first').catch(String)
      return recorded.includes('IN_REVIEW')
    })
    await decide('ben', 'review', first, '--approve', '--comment', 'as measured')
    await lacksNothing(stack, first, 'PRODUCTION')
    expect(await as('ana', 'promote', first, '--to', 'PRODUCTION', ...REASON)).toBe(
      `${first} is PRODUCTION\n`,
    )
    await waitUntil('it serves', async () => (await served()) === `MODEL ${first}`)

    const second = await trainOnDays(stack, 6, '--algorithm', 'ease')
    expect(await promote(stack, second, 'SHADOW')).toMatch(/does not have this step/)
    await personalization('evaluate', '--model', second, '--record')
    expect(await promote(stack, second, 'EVALUATED')).toBe('EVALUATED')
    expect(await promote(stack, second, 'PRODUCTION')).toMatch(/serves, so it is not the first model/)
    expect(await promote(stack, second, 'SHADOW')).toBe('SHADOW')
    expect(await promote(stack, second, 'EXPERIMENT')).toMatch(/no shadow report/)
    let slates = 0
    await waitUntil(
      'it was in shadow of enough slates',
      async () => {
        for (let n = 0; n < 20; n++) expect(await served(`u${slates++ % USERS}`)).toBe(`MODEL ${first}`)
        const { data } = await stack.query(SHADOW, { id: second })
        const { shadow } = data.modelVersion
        return (shadow?.requests ?? 0) >= 200
      },
      90_000,
    )
    expect(await promote(stack, second, 'EXPERIMENT')).toBe('EXPERIMENT')

    await startReviewedExperiment(stack, EXPERIMENT, { control: first, treatment: second, surface: 'home' })
    await waitUntil('it serves those in the treatment', async () => {
      const by = await Promise.all(Array.from({ length: 10 }, (_, user) => served(`u${user}`)))
      return by.includes(`MODEL ${second}`) && by.includes(`MODEL ${first}`)
    })
    expect(await act(stack, EXPERIMENT, 'stopExperiment')).toEqual([])
    const decision = { outcome: 'SHIP', variantKey: 'treatment', rationale: 'it is better' }
    expect(await act(stack, EXPERIMENT, 'recordDecision', decision)).toEqual([])
    expect(await promote(stack, second, 'PRODUCTION')).toMatch(/no signed SHIP decision/)
    expect(await act(stack, EXPERIMENT, 'reviewDecision', APPROVAL, 'ben')).toEqual([])
    await lacksNothing(stack, second, 'PRODUCTION')
    expect(await as('ana', 'promote', second, ...REASON)).toBe(`${second} is PRODUCTION\n`)
    await waitUntil('it serves', async () => (await served()) === `MODEL ${second}`)

    expect(await as('ben', 'rollback', second, ...REASON)).toBe(
      `${second} is rolled back; ${first} serves again\n`,
    )
    const rolledBackAt = performance.now()
    await waitUntil('the version before serves', async () => (await served()) === `MODEL ${first}`)
    expect(performance.now() - rolledBackAt).toBeLessThan(1_000)
    expect(await promote(stack, second, 'PRODUCTION')).toMatch(/does not have this step/)
    await waitUntil('experimentation has revoked the decision', async () => {
      const revoked = `{ experiment(key: "${EXPERIMENT}") { decision { revokedAt } } }`
      return (await stack.query(revoked)).data.experiment.decision.revokedAt !== null
    })
    const path = await as('ana', 'models', 'show', second)
    expect(path).toMatch(
      /\(x\) PRODUCTION .* by ana: e2e, on decision [0-9a-f]{12}\n.*\(x\) RETIRED .* by ben: e2e/,
    )
  })
})
