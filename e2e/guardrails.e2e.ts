import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runPersonalization } from './harness/commands.ts'
import { describeOnSqlite, shareStack } from './harness/datastores.ts'
import { type Fault, faultyModelsEnv, setFaults } from './harness/models/faults.ts'
import { trainOnFirstDays, USERS, walkFirstModel } from './harness/models/first-model.ts'
import { bringToExperiment, servedBy, shownVersion, startExperiment } from './harness/models/model-walk.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

/** Within which a model that fails has to be off. */
const OFF_WITHIN_MS = 10_000
const AT_A_TIME = 8
const ALGORITHM = 'item-to-item'

const EXPOSURES = /* GraphQL */ `
  query ($userId: ID!, $surface: String!) {
    recommendations(userId: $userId, surface: $surface) {
      servedBy { rung cause }
      modelVersion { id }
      items { nodes { id } }
      exposures { experimentKey variantKey applied }
    }
  }
`
const CASES: readonly [string, Fault, RegExp][] = [
  ['throws', { kind: 'throws' }, /of its last \d+ lists failed, and 5% is the limit/],
  ['finds nothing', { kind: 'empty' }, /of its last \d+ lists were empty, and 50% is the limit/],
  // A list of this model takes well below a millisecond.
  [
    'is slow',
    { kind: 'slow', ms: 80 },
    /of its last \d+ lists took more than 50 ms of CPU time, and 5% is the limit/,
  ],
]

type Served = {
  readonly rung: string
  readonly id: string | null
  readonly variant: string | null
  readonly applied: boolean | null
}

describeOnSqlite('the model of a variant that starts to fail', (acquire) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-guardrails-'))
  const faults = join(folder, 'faults.json')
  afterAll(() => rmSync(folder, { recursive: true }))
  setFaults(faults, {})
  let stack: Stack
  let champion: string
  let source: string
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    { demo: false, env: { personalization: faultyModelsEnv(faults) } },
  )
  beforeAll(async () => {
    champion = await walkFirstModel(stack)
    source = await trainOnFirstDays(stack, '--algorithm', 'item-knn')
    expect(source).not.toBe(champion)
    await runPersonalization(stack, ['evaluate', '--model', source, '--record'])
  }, 60_000)

  afterEach(() => setFaults(faults, {}))

  /** What this user gets on the surface of an experiment. */
  async function serve(user: number, surface: string): Promise<Served> {
    const { data, errors } = await stack.query(EXPOSURES, { userId: `u${user}`, surface })
    expect(errors).toEqual([])
    const { servedBy: by, modelVersion, items, exposures } = data.recommendations
    // Whatever the model does, everybody has a list.
    expect(items.nodes.length).toBeGreaterThan(0)
    const [exposure] = exposures
    return {
      rung: by.rung,
      id: modelVersion?.id ?? null,
      variant: exposure?.variantKey ?? null,
      applied: exposure?.applied ?? null,
    }
  }

  /** What everybody gets who has the treatment. */
  async function treated(surface: string): Promise<readonly Served[]> {
    const served: Served[] = []
    for (let user = 0; user < USERS; user += AT_A_TIME) {
      const some = Array.from({ length: AT_A_TIME }, (_, index) => serve(user + index, surface))
      served.push(...(await Promise.all(some)))
    }
    return served.filter(({ variant }) => variant === 'treatment')
  }

  test.each(CASES)(
    'and %s is off within ten seconds, its exposures say so, and it does not come back',
    async (name, fault, reason) => {
      const id = `${fault.kind}-v1`
      const switchedOff = () => stack.metric('personalization', 'bulkhead_models_switched_off_total')
      const before = await switchedOff()
      await bringToExperiment(stack, [id], { of: source, championId: champion })
      await startExperiment(stack, id, { control: champion, treatment: id, surface: id })
      const served = { rung: 'MODEL', id, variant: 'treatment', applied: true }
      await waitUntil('it serves its variant', async () => {
        const all = await treated(id)
        return all.length > USERS / 4 && all.every((one) => one.id === id && one.applied === true)
      })
      expect((await treated(id))[0]).toEqual(served)
      expect(await switchedOff()).toBe(before)

      setFaults(faults, { [ALGORITHM]: fault })
      const failsSince = performance.now()
      let last: readonly Served[] = []
      await waitUntil(`a model that ${name} is off`, async () => {
        last = await treated(id)
        return (await switchedOff()) === before + 1 && last.every((one) => one.id !== id)
      })
      const tookMs = performance.now() - failsSince
      expect(tookMs).toBeLessThan(OFF_WITHIN_MS)
      console.log(`${name}: off after ${tookMs.toFixed(0)} ms`)
      // The champion stands in, or what is popular for somebody who waited too long: not what the variant says.
      for (const one of last) expect([one.id ?? champion, one.applied]).toEqual([champion, false])

      await waitUntil(
        'the registry says why',
        async () => (await shownVersion(stack, id)).stage === 'RETIRED',
      )
      expect((await shownVersion(stack, id)).stageHistory.at(-1)).toMatchObject({
        ...{
          from: 'EXPERIMENT',
          to: 'RETIRED',
          by: expect.any(String),
          reason: expect.stringMatching(reason),
        },
        evidence: { kind: 'GUARDRAIL' },
      })

      setFaults(faults, {})
      await stack.process('personalization').kill()
      await stack.start('personalization')
      await waitUntil(
        'the champion serves',
        async () => (await servedBy(stack, 'u1')) === `MODEL ${champion}`,
      )
      await stack.snapshotArrives()
      const afterRestart = await treated(id)
      expect(afterRestart.length).toBeGreaterThan(USERS / 4)
      for (const one of afterRestart) expect(one).toMatchObject({ id: champion, applied: false })
    },
  )
})
