import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { runExperimentation } from './harness/experimentation-cli.ts'
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
const KEY = 'radio-mix'
const UNITS = 60

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
    const response = await fetch(stack.url('experimentation', '/v1/events'), {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.secrets.shopToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ producer: 'shop', events }),
    })
    expect(await response.json()).toEqual({ accepted: plays, rejected: [] })
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
    expect(health.map(({ passed }: { passed: boolean }) => passed)).toEqual([true, true, true, true])
    // The plan names no sample, so it never allows a conclusion.
    expect(verdict.recommendation).toBe('CONTINUE')

    await listen(UNITS)
    const at = ['--cutoff', new Date(cutoff).toISOString(), '--as-of', String(asOf)]
    expect((await analysis(...at)).hash).toBe(hash)
    expect(await runExperimentation(stack, ['analyze', KEY, ...at])).toMatch(/Recommendation: CONTINUE/)
  })
})
