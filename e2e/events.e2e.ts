import { spawnSync } from 'node:child_process'
import { derivedEventId } from '@bulkhead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeOnBoth } from './harness/datastores.ts'
import { type Stack, startStack } from './harness/stack.ts'
import { storedEventIds } from './harness/stored-events.ts'
import { waitUntil } from './harness/wait-until.ts'

const CREATE = /* GraphQL */ `
  mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { errors { code message } } }
`
const START = /* GraphQL */ `
  mutation ($input: ExperimentActionInput!) {
    startExperiment(input: $input) { experiment { status } errors { code message } }
  }
`

describeOnBoth('events', (acquire) => {
  let stack: Stack
  let release: () => Promise<void>

  beforeAll(async () => {
    const acquired = await acquire()
    release = acquired.release
    stack = await startStack(acquired.options)
  })
  afterAll(async () => {
    await stack?.stop()
    await release?.()
  })

  const stored = (kind: string) => storedEventIds(stack.datastores.experimentation, kind)

  test('a service posts its conversions with curl, twice, and they are stored once', async () => {
    const body = JSON.stringify({
      producer: 'shop',
      events: [
        {
          kind: 'interaction',
          eventId: 'order-4711',
          type: 'purchase',
          unit: 'u1',
          value: 59.99,
          attributes: { currency: 'EUR', articles: 3 },
          occurredAt: new Date().toISOString(),
        },
      ],
    })
    for (const _ of ['sent', 'sent again']) {
      const { stdout } = spawnSync('curl', [
        ...['-s', stack.url('experimentation', '/v1/events'), '-d', body],
        ...['-H', `authorization: Bearer ${stack.secrets.shopToken}`],
        ...['-H', 'content-type: application/json'],
      ])
      expect(JSON.parse(stdout.toString())).toEqual({ accepted: 1, rejected: [] })
    }
    const own = derivedEventId('service', 'shop', 'order-4711')
    expect((await stored('interaction')).filter((id) => id === own)).toHaveLength(1)
  })

  test('experimentation learns of every model, and starts no experiment on one that is not there', async () => {
    const { data } = await stack.query('{ modelVersions(first: 1) { nodes { id } } }')
    const { id } = data.modelVersions.nodes[0]
    const variant = { name: 'n', weight: 0.5 }
    const experiment = (key: string, surface: string, treatment: string) => ({
      ...{ key, name: key, hypothesis: 'The other model is played more.', owner: 'e2e', surfaces: [surface] },
      variants: [
        { ...variant, key: 'control', isControl: true, payload: { modelVersionId: id } },
        { ...variant, key: 'treatment', payload: { modelVersionId: treatment } },
      ],
    })
    const start = async (key: string) =>
      (await stack.query(START, { input: { key, revision: 1, reason: 'e2e' } })).data.startExperiment
    await stack.query(CREATE, { input: experiment('absent-model', 'search', 'none-v1') })
    await stack.query(CREATE, { input: experiment('present-model', 'radio', id) })
    expect(await start('absent-model')).toMatchObject({
      experiment: null,
      errors: [{ code: 'MODEL_VERSION_ABSENT', message: expect.stringContaining('none-v1') }],
    })
    await waitUntil('news of the model has arrived', async () => {
      const { errors } = await start('present-model')
      return errors.length === 0 || errors[0].code === 'ILLEGAL_TRANSITION'
    })
  })

  test('a process that stops says goodbye', async () => {
    const before = await stored('goodbye')
    await waitUntil('a heartbeat has arrived', async () => (await stored('heartbeat')).length > 0)
    await stack.process('personalization').stop()
    expect(await stored('goodbye')).toHaveLength(before.length + 1)
    await stack.start('personalization')
  })
})
