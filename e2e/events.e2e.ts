import { spawnSync } from 'node:child_process'
import { derivedEventId } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import type { Stack } from './harness/stack.ts'
import { storedEventIds, storedText } from './harness/stored-events.ts'
import { waitUntil } from './harness/wait-until.ts'

const CREATE = /* GraphQL */ `
  mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { errors { code message } } }
`
const START = /* GraphQL */ `
  mutation ($input: ExperimentActionInput!) {
    startExperiment(input: $input) { experiment { status } errors { code message } }
  }
`

/** Under which id an event of the service `shop` is stored. */
function ofShop(eventId: string): string {
  return derivedEventId('service', 'shop', eventId)
}

describeOnBoth('events', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
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
    const own = (await stored('interaction')).filter((id) => id === ofShop('order-4711'))
    expect(own).toHaveLength(1)
  })

  test('a unit that is erased is nowhere any more, and does not come back', async () => {
    const unit = 'gone@example.org'
    const at = (ms: number) => new Date(Date.now() + ms).toISOString()
    const interaction = (eventId: string, of: string, occurredAt = at(0)) => ({
      ...{ kind: 'interaction', eventId, type: 'purchase', unit: of, value: 1, occurredAt },
      attributes: { account: of },
    })
    const post = (token: string, producer: string, events: object[]) =>
      stack.postEvents(token, { producer, events })
    const text = () => storedText(stack.datastores.experimentation)
    const first = interaction('purchase-of-gone', unit)
    const refused = { ...first, eventId: 'refused-of-gone', type: 'no type' }
    await post(stack.secrets.shopToken, 'shop', [
      first,
      refused,
      interaction('purchase-of-other', 'stays@example.org'),
    ])
    // Its name and its attribute, in the stored event and in the refused one.
    expect((await text()).split(unit)).toHaveLength(5)

    const erasure = { kind: 'unitErased', eventId: 'erasure-of-gone', unit, occurredAt: at(0) }
    const accepted = { accepted: 1, rejected: [] }
    expect(await post(stack.secrets.eventsWriteToken, 'personalization-1', [erasure])).toEqual(accepted)
    await waitUntil('the unit is erased everywhere', async () => !(await text()).includes(unit))
    // A redelivery, and an event that comes late.
    const late = interaction('late-of-gone', unit, at(-60_000))
    expect(await post(stack.secrets.shopToken, 'shop', [first, late])).toEqual({ accepted: 2, rejected: [] })
    await post(stack.secrets.shopToken, 'shop', [refused])
    expect(await text()).not.toContain(unit)
    expect(await text()).toContain('stays@example.org')
    // Its ids stay, and a new user of the same name is welcome.
    expect(await stored('interaction')).toContain(ofShop('purchase-of-gone'))
    await post(stack.secrets.shopToken, 'shop', [interaction('purchase-of-new', unit)])
    expect(await stored('interaction')).toContain(ofShop('purchase-of-new'))
    expect((await text()).split(unit)).toHaveLength(3)
  })

  test('experimentation learns of every model, and starts no experiment on one that is not there', async () => {
    const { data } = await stack.query('{ modelVersions(first: 1) { nodes { id } } }')
    const { id } = data.modelVersions.nodes[0]
    const variant = { name: 'n', weight: 0.5 }
    const experiment = (key: string, surface: string, treatment: string) => ({
      ...{ key, name: key, hypothesis: 'The other model is played more.', owner: 'e2e', surfaces: [surface] },
      plan: { noAnalysis: true },
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
