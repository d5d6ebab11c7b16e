import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { apiSettings, runExperimentation } from './harness/commands.ts'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const SETUP = /* GraphQL */ `
  mutation ($metric: MetricInput!, $experiment: CreateExperimentInput!, $start: ExperimentActionInput!) {
    createMetric(input: $metric) { errors { code message } }
    createExperiment(input: $experiment) { errors { code message } }
    startExperiment(input: $start) { experiment { status } errors { code message } }
  }
`
const SLATE = /* GraphQL */ `
  query ($userId: ID!) {
    recommendations(userId: $userId, surface: "radio") { exposures { experimentKey variantKey } }
  }
`
const RUN = /* GraphQL */ `
  mutation ($key: ID!) {
    runAnalysis(input: { key: $key }) { analysis { id hash } errors { code message } }
  }
`
const RESULTS = /* GraphQL */ `
  query ($key: ID!) {
    experiment(key: $key) {
      status revision
      plan { hash }
      health { kind passed }
      results {
        id hash codeVersion asOf final engine inputsErased units requestedBy
        plan { hash } metricVersions { key version } sql
        metrics { metric { key } role variantKey controlUnits units effect { estimate lower upper } pValue }
        verdict { recommendation reasons { rule holds } }
      }
      analyses { nodes { id } pageInfo { hasNextPage } }
      decision { outcome analysis { id hash verdict { recommendation } } }
      audit(first: 50) { nodes { action } }
    }
  }
`
const DECIDE = /* GraphQL */ `
  mutation ($stop: ExperimentActionInput!, $decide: RecordDecisionInput!) {
    stopExperiment(input: $stop) { errors { code message } }
    recordDecision(input: $decide) { experiment { status } errors { code message } }
  }
`
const KEY = 'radio-mix'
const UNITS = 60
const runFile = promisify(execFile)

describeOnBoth('the analysis of an experiment', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
  })

  /** Serves a slate, and lets whoever is in the treatment play twice as much. Returns how often. */
  async function listen(number: number): Promise<number> {
    const unit = `radio-${number}`
    const { data } = await stack.query(SLATE, { userId: unit })
    const [exposure] = data.recommendations.exposures.filter(
      ({ experimentKey }: { experimentKey: string }) => experimentKey === KEY,
    )
    const plays = (1 + (number % 3)) * (exposure.variantKey === 'diverse' ? 2 : 1)
    const events = Array.from({ length: plays }, (_, index) => ({
      kind: 'interaction',
      eventId: `play-${unit}-${index}`,
      type: 'radio-play',
      unit,
      occurredAt: new Date().toISOString(),
    }))
    const answer = await stack.postEvents(stack.secrets.shopToken, { producer: 'shop', events })
    expect(answer).toEqual({ accepted: plays, rejected: [] })
    return plays
  }

  async function analysis(...args: readonly string[]) {
    return JSON.parse(await runExperimentation(stack, ['analyze', KEY, '--json', ...args]))
  }

  test('goes from slates and plays to effects, health and a recommendation, and can be repeated', async () => {
    await stack.query(SETUP, {
      metric: { key: 'radio-plays', name: 'Radio plays', kind: 'COUNT', event: 'radio-play' },
      experiment: {
        ...{ key: KEY, name: 'Radio', hypothesis: 'More plays.', owner: 'e2e', surfaces: ['radio'] },
        metrics: [{ metricKey: 'radio-plays', role: 'SUCCESS' }],
        plan: { plannedSampleSize: 10_000 },
        variants: [
          { key: 'control', name: 'Control', weight: 0.5, isControl: true },
          { key: 'diverse', name: 'Diverse', weight: 0.5, payload: { diversity: { maxPerCreator: 1 } } },
        ],
      },
      start: { key: KEY, revision: 1, reason: 'e2e' },
    })
    await stack.snapshotArrives()
    let plays = 0
    for (let number = 0; number < UNITS; number += 1) plays += await listen(number)
    await waitUntil('every exposure and play can be read', async () => {
      const { units, results } = await analysis()
      const [{ controlUnits, controlMean, units: treated, mean }] = results
      return units === UNITS && Math.round(controlUnits * controlMean + treated * mean) === plays
    })

    const { results, health, verdict, hash, cutoff, asOf, missing } = await analysis()
    expect(missing).toEqual([])
    expect(results.map(({ role }: { role: string }) => role)).toEqual(['SUCCESS', 'DETERIORATION'])
    const [success] = results
    expect(success.controlUnits + success.units).toBe(UNITS)
    expect(success.effect.lower).toBeLessThan(success.effect.estimate)
    expect(health.map(({ passed }: { passed: boolean }) => passed)).toEqual(Array(6).fill(true))
    // The sample of the plan is not there.
    expect(verdict.recommendation).toBe('CONTINUE')

    await listen(UNITS)
    const at = ['--cutoff', new Date(cutoff).toISOString(), '--as-of', String(asOf)]
    expect((await analysis(...at)).hash).toBe(hash)
    expect(await runExperimentation(stack, ['analyze', KEY, ...at])).toMatch(/Recommendation: CONTINUE/)
  })

  /** Runs an analysis through the gateway, as somebody with a token. */
  async function storeAnalysis(): Promise<string> {
    const { data, errors } = await stack.query(RUN, { key: KEY }, { as: 'dana' })
    expect([errors, data.runAnalysis.errors]).toEqual([[], []])
    return data.runAnalysis.analysis.id
  }

  async function experiment() {
    const { data, errors } = await stack.query(RESULTS, { key: KEY }, { as: 'dana' })
    expect(errors).toEqual([])
    return data.experiment
  }

  async function replay(id: string) {
    return JSON.parse(await runExperimentation(stack, ['replay', id, '--json']))
  }

  test('is stored, read in the graph, and replayed with the same hash after late events and a restart', async () => {
    const id = await storeAnalysis()
    const { results, health, plan, analyses } = await experiment()
    expect(results).toMatchObject({
      id,
      hash: id,
      engine: 'DUCKDB',
      inputsErased: 0,
      units: UNITS + 1,
      requestedBy: 'dana',
      plan,
      metricVersions: [{ key: 'radio-plays', version: 1 }],
      verdict: { recommendation: 'CONTINUE' },
    })
    expect(results.metrics.map(({ role }: { role: string }) => role)).toEqual(['SUCCESS', 'DETERIORATION'])
    expect(results.sql.length).toBeGreaterThan(0)
    expect(health).toHaveLength(6)
    expect(analyses).toEqual({ nodes: [{ id }], pageInfo: { hasNextPage: false } })

    await listen(UNITS + 1)
    expect(await replay(id)).toMatchObject({ equal: true, intact: true, hash: id, inputsErased: 0 })
    await stack.process('experimentation').kill()
    await stack.start('experimentation')
    expect(await replay(id)).toMatchObject({ equal: true, intact: true, hash: id })
    await waitUntil('the late events count in a new analysis', async () => {
      await storeAnalysis()
      return (await experiment()).results.units === UNITS + 2
    })
    expect(await replay(id)).toMatchObject({ equal: true, hash: id })
  })

  test('is stored from the command line with a token, and named by a decision', async () => {
    const env = await apiSettings(stack, 'dana')
    const stored = JSON.parse(await runExperimentation(stack, ['analyze', KEY, '--store', '--json'], env))
    expect(stored).toMatchObject({ units: UNITS + 2, requestedBy: 'dana' })
    const readOnly = await apiSettings(stack, { name: 'eve', scopes: ['experiments:read'] })
    await expect(runExperimentation(stack, ['analyze', KEY, '--store'], readOnly)).rejects.toThrow(
      /needs the scopes experiments:write/,
    )

    const { revision } = await experiment()
    const { data } = await stack.query(DECIDE, {
      stop: { key: KEY, revision, reason: 'e2e' },
      decide: {
        ...{ key: KEY, revision: revision + 1, outcome: 'ITERATE', rationale: 'too few' },
        analysisId: stored.id,
      },
    })
    expect(data.recordDecision).toEqual({ experiment: { status: 'DECIDED' }, errors: [] })
    const { decision } = await experiment()
    expect(decision).toMatchObject({ outcome: 'ITERATE', analysis: { id: stored.id, hash: stored.hash } })
    expect(await replay(stored.id)).toMatchObject({ equal: true })
  })

  const exported = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-export-'))
  afterAll(() => rmSync(exported, { recursive: true }))

  function exportAll(): Promise<string> {
    return runExperimentation(stack, ['export', '--to', exported])
  }

  async function expectSameHash(...args: readonly string[]): Promise<void> {
    const { cutoff, asOf, hash } = await analysis()
    const at = ['--cutoff', new Date(cutoff).toISOString(), '--as-of', String(asOf)]
    expect((await analysis('--export', exported, ...at, ...args)).hash).toBe(hash)
  }

  test('is the same from an export on either engine, and its effect is found by hand', async () => {
    expect(await exportAll()).toMatch(/\(100 %\)\nevents up to position \d+ are in/)
    await expectSameHash()
    // Without one, `spark-sums.test.ts` says loudly what is not tested.
    const command = env.TEST_SPARK_SQL
    if (command !== undefined) {
      const args = ['analyze', KEY, '--json', '--engine', 'spark', '--export', exported]
      const onSpark = JSON.parse(await runExperimentation(stack, args, { SPARK_SQL_COMMAND: command }))
      const at = ['--cutoff', new Date(onSpark.cutoff).toISOString(), '--as-of', String(onSpark.asOf)]
      expect((await analysis(...at)).hash).toBe(onSpark.hash)
    }
    const [{ absolute }] = (await analysis('--export', exported)).results
    const program = fileURLToPath(import.meta.resolve('@bulkhead/example-analysis/effect'))
    const { stdout } = await runFile(execPath, [program, exported, KEY, 'radio-play', '168'])
    const found = JSON.parse(stdout)
    expect(found.variant).toBe('diverse')
    for (const bound of ['estimate', 'lower', 'upper']) expect(found[bound]).toBeCloseTo(absolute[bound], 9)
    expect(found.lower).toBeLessThan(found.upper)
  })

  test('says after an erasure how many of its events are gone, and in what a replay differs', async () => {
    const { id } = (await experiment()).results
    const erasure = {
      kind: 'unitErased',
      eventId: 'erasure-of-radio-1',
      unit: 'radio-1',
      occurredAt: new Date().toISOString(),
    }
    const batch = { producer: 'accounts', events: [erasure] }
    const answer = await stack.postEvents(stack.secrets.eventsWriteToken, batch)
    expect(answer).toEqual({ accepted: 1, rejected: [] })
    await waitUntil('the events of the unit are erased', async () => {
      return (await experiment()).results.inputsErased > 0
    })
    await expect(runExperimentation(stack, ['replay', id])).rejects.toThrow(
      /exited with 1:[\s\S]*DIFFERENT[\s\S]*inputs erased: [1-9][\s\S]*differs: results: radio-plays SUCCESS diverse/,
    )
  })
  test('is the same from an export that has applied the erasure', async () => {
    const texts = () => readFileSync(join(exported, 'manifest.json'), 'utf8')
    expect(texts()).not.toContain('"generation": 1')
    expect(await exportAll()).toMatch(/erased \d+ events of units/)
    expect(texts()).toContain('"generation": 1')
    await expectSameHash()
  })
})
