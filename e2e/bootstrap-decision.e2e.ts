import {
  type ModelStageChangedEvent,
  modelStageEventId,
  parsePublicKeys,
  readBootstrap,
  readSnapshot,
} from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { apiSettings, runExperimentation } from './harness/commands.ts'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const ARTEFACT = 'ab'.repeat(32)
const ID = 'first-v1'

describeOnBoth('the decision about a first model', (acquire) => {
  let stack: Stack
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    { demo: false },
  )

  /** As personalization tells it. */
  async function report(
    change: number,
    to: ModelStageChangedEvent['to'],
    more: Pick<ModelStageChangedEvent, 'reason'> | Record<string, never> = {},
  ): Promise<void> {
    const event: ModelStageChangedEvent = {
      kind: 'modelStageChanged',
      eventId: modelStageEventId(ID, change),
      modelVersionId: ID,
      model: 'first',
      artefactHash: ARTEFACT,
      change,
      from: null,
      to,
      occurredAt: new Date().toISOString(),
      ...more,
    }
    const batch = { producer: 'personalization', events: [event] }
    const answer = await stack.postEvents(stack.secrets.eventsWriteToken, batch)
    expect(answer).toMatchObject({ accepted: 1, rejected: [] })
  }

  function keyring() {
    return parsePublicKeys(`${stack.secrets.signingKeyId}:${stack.secrets.publicKey}`)
  }

  /** Of the newest snapshot, which has to be one that personalization's key accepts. */
  async function decisions() {
    const response = await fetch(stack.url('experimentation', '/v1/snapshot'), {
      headers: { authorization: `Bearer ${stack.secrets.snapshotReadToken}` },
    })
    const reading = readSnapshot(await response.json(), keyring())
    if (reading.type === 'refused') throw new Error(reading.message)
    return reading.snapshot.decisions
  }

  async function cli(as: string, ...args: readonly string[]): Promise<string> {
    return runExperimentation(stack, args, await apiSettings(stack, as))
  }

  test('two people record and review it, the snapshot carries it, and a rollback takes it out', async () => {
    const record = ['bootstrap', 'record', ID, '--rationale', 'It beats what is popular.']
    const review = ['bootstrap', 'review', ID, '--approve', '--comment', 'as measured']
    await expect(cli('ana', ...record)).rejects.toThrow(/MODEL_NOT_EVALUATED/)
    await report(1, 'REGISTERED')
    await report(2, 'EVALUATED')
    expect(await cli('ana', ...record)).toMatch(/IN_REVIEW, at revision 1/)
    // The stack asks for no approvals, which does not hold for this one.
    await expect(cli('ana', ...review)).rejects.toThrow(/OWN_WORK/)
    expect(await decisions()).toEqual([])
    expect(await cli('ben', ...review)).toMatch(/APPROVED, at revision 2/)

    const [raw, ...others] = await decisions()
    expect(others).toEqual([])
    const expected = { modelVersionId: ID, artefactHash: ARTEFACT, decidedBy: 'ana', reviewedBy: ['ben'] }
    expect(readBootstrap(raw, keyring())).toMatchObject(expected)
    await stack.snapshotArrives()

    await report(3, 'PRODUCTION')
    await report(4, 'RETIRED', { reason: 'rolled-back' })
    await waitUntil('the decision leaves the snapshot', async () => (await decisions()).length === 0)
    const shown = await stack.query('{ bootstrapDecisions { modelVersionId status revokedAt signature } }')
    expect(shown.errors).toEqual([])
    expect(shown.data.bootstrapDecisions).toEqual([
      {
        modelVersionId: ID,
        status: 'APPROVED',
        revokedAt: expect.any(String),
        signature: expect.any(String),
      },
    ])
    expect(await runExperimentation(stack, ['audit', 'verify'])).toMatch(/^the audit log is intact/)
  })
})
