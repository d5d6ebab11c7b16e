import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { counted, delivered } from './harness/exposures.ts'
import { EXPOSURE_COUNTS } from './harness/queries.ts'
import type { Stack } from './harness/stack.ts'

const UNITS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8']

const SLATE = /* GraphQL */ `
  query ($userId: ID!, $surface: String!) {
    recommendations(userId: $userId, surface: $surface, size: 10) {
      items { edges { itemId source } }
      exposures { experimentKey variantKey applied }
    }
  }
`

const ASSIGNMENTS = /* GraphQL */ `
  query ($unit: ID!) { assignments(unit: $unit) { experimentKey variantKey included } }
`

type Action = 'start' | 'pause' | 'resume' | 'stop'

/** Creates an experiment whose treatment is slates with popular items only, so that a slate shows who is treated. */
async function create(stack: Stack, key: string, surface: string): Promise<void> {
  const variant = { name: 'n', weight: 0.5 }
  const { data, errors } = await stack.query(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { errors { code message } } }`,
    {
      input: {
        key,
        name: key,
        hypothesis: 'What is popular is played more.',
        owner: 'e2e',
        surfaces: [surface],
        plan: { noAnalysis: true },
        variants: [
          {
            ...variant,
            key: 'control',
            isControl: true,
            payload: { sources: [{ name: 'model', weight: 1 }] },
          },
          { ...variant, key: 'treatment', payload: { sources: [{ name: 'popular', weight: 1 }] } },
        ],
      },
    },
  )
  expect(errors).toEqual([])
  expect(data.createExperiment.errors).toEqual([])
}

/** Takes the step and waits until personalization has the snapshot that shows it. */
async function step(stack: Stack, key: string, action: Action): Promise<void> {
  const { revision } = (await stack.query(EXPOSURE_COUNTS, { key })).data.experiment
  const name = `${action}Experiment`
  const { data, errors } = await stack.query(
    `mutation ($input: ExperimentActionInput!) { ${name}(input: $input) { errors { code message } } }`,
    { input: { key, revision, reason: 'end-to-end test' } },
  )
  expect(errors).toEqual([])
  expect(data[name].errors).toEqual([])
  await stack.snapshotArrives()
}

/** What every unit is assigned and shown. */
async function look(stack: Stack, key: string, surface: string) {
  const seen = []
  for (const userId of UNITS) {
    const slate = await stack.query(SLATE, { userId, surface })
    expect(slate.errors).toEqual([])
    const { data } = await stack.query(ASSIGNMENTS, { unit: userId })
    const assignment = data.assignments.find(
      (candidate: { experimentKey: string }) => candidate.experimentKey === key,
    )
    seen.push({
      // Stopped while it was paused, it has left the snapshot.
      assigned: assignment?.included ? assignment.variantKey : null,
      exposed: slate.data.recommendations.exposures.map(
        ({ variantKey }: { variantKey: string }) => variantKey,
      ),
      sources: [
        ...new Set(slate.data.recommendations.items.edges.map(({ source }: { source: string }) => source)),
      ],
    })
  }
  return seen
}

describeOnBoth('the lifecycle of an experiment', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
  })

  test('start treats, pause switches off, resume gives the same variants, stop keeps them and records nothing', async () => {
    const [key, surface] = ['lifecycle-whole', 'lifecycle-whole']
    await create(stack, key, surface)
    await step(stack, key, 'start')
    const started = await look(stack, key, surface)
    expect(new Set(started.map(({ assigned }) => assigned))).toEqual(new Set(['control', 'treatment']))
    for (const { assigned, exposed, sources } of started) {
      expect(exposed).toEqual([assigned])
      expect(sources).toEqual([assigned === 'treatment' ? 'popular' : 'model'])
    }

    await step(stack, key, 'pause')
    for (const unit of await look(stack, key, surface)) {
      expect(unit).toMatchObject({
        assigned: null,
        exposed: [],
        sources: expect.not.arrayContaining(['popular']),
      })
    }

    await step(stack, key, 'resume')
    expect(await look(stack, key, surface)).toEqual(started)

    await delivered(stack)
    expect((await counted(stack, key)).exposures).toBe(2 * UNITS.length)
    await step(stack, key, 'stop')
    const stopped = await look(stack, key, surface)
    expect(stopped.map(({ assigned, sources }) => ({ assigned, sources }))).toEqual(
      started.map(({ assigned, sources }) => ({ assigned, sources })),
    )
    await delivered(stack)
    expect((await counted(stack, key)).exposures).toBe(2 * UNITS.length)
  })

  test('a treatment that was killed stays off when the experiment is stopped', async () => {
    const [key, surface] = ['lifecycle-killed', 'lifecycle-killed']
    await create(stack, key, surface)
    await step(stack, key, 'start')
    await step(stack, key, 'pause')
    const paused = await look(stack, key, surface)
    expect(paused.every(({ assigned }) => assigned === null)).toBe(true)
    await step(stack, key, 'stop')
    expect(await look(stack, key, surface)).toEqual(paused)
  })
})
