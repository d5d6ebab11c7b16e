import { generateKeyPairSync } from 'node:crypto'
import {
  canonicalHash,
  type DecisionRecord,
  type JsonObject,
  modelStageEventId,
  parsePrivateKey,
  signDecision,
} from '@bulkhead/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runExperimentation } from './harness/commands.ts'
import { acquireDatastores, describeIfMongo, type MongoHandle } from './harness/datastores.ts'
import { walkFirstModel } from './harness/models/first-model.ts'
import { type HostileSnapshots, startHostileSnapshots } from './harness/models/hostile-snapshots.ts'
import {
  askPromotion,
  bringToExperiment,
  lacksNothing,
  promote,
  rollback,
  servedBy,
  ship,
  shownVersion,
} from './harness/models/model-walk.ts'
import { createStack, type Stack } from './harness/stack.ts'
import { storedEventIds } from './harness/stored-events.ts'
import { waitUntil } from './harness/wait-until.ts'

const DAY_MS = 86_400_000
/** Of a challenger: registered, evaluated, in shadow, in an experiment, in production. */
const CHANGES_TO_PRODUCTION = 5
/** What the stages on the way to PRODUCTION stood on, of a challenger and of the first model. */
const PATHS = [
  'REGISTERED, EVALUATED EVALUATION, SHADOW, EXPERIMENT SHADOW, PRODUCTION DECISION',
  'REGISTERED, EVALUATED EVALUATION, PRODUCTION BOOTSTRAP',
]

describeIfMongo('the path of a model, beside faults', () => {
  let mongo: MongoHandle
  let hostile: HostileSnapshots
  /** All three services, and personalization and a gateway once more on the same datastore. */
  let stack: Stack
  let other: Stack
  let first: string

  beforeAll(async () => {
    mongo = await acquireDatastores()
    hostile = await startHostileSnapshots(() => stack.secrets)
    const options = {
      datastores: mongo.datastores,
      demo: false,
      env: { personalization: { EXPERIMENTATION_URL: hostile.url } },
    }
    stack = await createStack(options)
    hostile.forwardTo(stack.url('experimentation'))
    other = await createStack({ ...options, secrets: stack.secrets })
    await stack.start('experimentation')
    for (const one of [stack, other]) await Promise.all([one.start('personalization'), one.start('gateway')])
    first = await walkFirstModel(stack)
  }, 120_000)
  afterAll(async () => {
    await Promise.all([stack?.stop(), other?.stop()])
    await hostile?.stop()
    await mongo?.stop()
  })

  /** The one in PRODUCTION, as soon as every replica serves it. */
  async function production(): Promise<string> {
    const found = await stack.query('{ modelVersions(filter: { stages: [PRODUCTION] }) { nodes { id } } }')
    expect(found.errors).toEqual([])
    const [version, ...others] = found.data.modelVersions.nodes
    expect(others).toEqual([])
    await waitUntil('every replica serves it', async () => {
      const served = await Promise.all([stack, other].map((one) => servedBy(one, 'u1')))
      return served.every((one) => one === `MODEL ${version.id}`)
    })
    return version.id
  }

  // After whatever happened.
  afterEach(async () => {
    const { stageHistory } = await shownVersion(stack, await production())
    const entered = stageHistory.findIndex(({ to }) => to === 'PRODUCTION')
    const walked = stageHistory
      .slice(0, entered + 1)
      .map(({ to, evidence }) => [to, ...(evidence === null ? [] : [evidence.kind])].join(' '))
    expect(PATHS).toContain(walked.join(', '))
  })

  /** Every replica has what the hostile source makes of the decisions. */
  async function relist(decisions: Parameters<HostileSnapshots['relist']>[0]): Promise<void> {
    const version = await hostile.relist(decisions)
    for (const one of [stack, other]) {
      await waitUntil('the snapshot arrives', async () => {
        return (await one.metric('personalization', 'bulkhead_snapshot_version')) >= version
      })
    }
  }

  /** What experimentation itself lists. */
  async function published(): Promise<readonly JsonObject[]> {
    const headers = { authorization: `Bearer ${stack.secrets.snapshotReadToken}` }
    const response = await fetch(stack.url('experimentation', '/v1/snapshot'), { headers })
    const { decisions } = (await response.json()) as { readonly decisions: readonly JsonObject[] }
    return decisions
  }

  async function shipped(id: string, options: { readonly champion: string }): Promise<void> {
    await ship(stack, id, options)
    for (const one of [stack, other]) await lacksNothing(one, id, 'PRODUCTION')
  }

  async function isTold(id: string, change: number): Promise<boolean> {
    const told = await storedEventIds(stack.datastores.experimentation, 'modelStageChanged')
    return told.filter((eventId) => eventId === modelStageEventId(id, change)).length === 1
  }

  describe('of decisions that are not good', () => {
    const id = 'forged-v1'
    let artefactHash: string

    beforeAll(async () => {
      await bringToExperiment(stack, [id, 'twin-v1'], { of: first, championId: first })
      artefactHash = (await shownVersion(stack, id)).artefactHash
    }, 60_000)
    afterEach(() => hostile.behave())

    function record(
      changes: Partial<DecisionRecord> = {},
      key = { keyId: stack.secrets.signingKeyId, privateKey: parsePrivateKey(stack.secrets.signingKey) },
    ): JsonObject {
      const {
        keyId: _,
        signature: __,
        ...content
      } = {
        ...{ experimentKey: 'made-up', experimentVersion: 1, outcome: 'SHIP', variantKey: 'treatment' },
        ...{ modelVersionId: id, artefactHash, planHash: 'a'.repeat(64), analysisHash: null },
        ...{ rationale: 'r', decidedBy: 'eve', decidedAt: new Date().toISOString(), reviewedBy: ['mallory'] },
        ...changes,
      } as DecisionRecord
      return { ...signDecision(content, key) }
    }

    const stranger = generateKeyPairSync('ed25519')
    test.each<[string, () => JsonObject, RegExp]>([
      [
        'signed by a stranger under the id of the trusted key',
        () => record({}, { keyId: stack.secrets.signingKeyId, privateKey: stranger.privateKey }),
        /no signed SHIP/,
      ],
      [
        'signed by a stranger under an id of its own',
        () => record({}, { keyId: 'stranger', privateKey: stranger.privateKey }),
        /no signed SHIP/,
      ],
      [
        'changed after it was signed',
        () => ({ ...record({ outcome: 'ROLLBACK' }), outcome: 'SHIP' }),
        /no signed SHIP/,
      ],
      ['to roll back', () => record({ outcome: 'ROLLBACK' }), /no signed SHIP/],
      [
        'about a version with the same artefact',
        () => record({ modelVersionId: 'twin-v1' }),
        /no signed SHIP/,
      ],
      [
        'about another artefact of the same name',
        () => record({ artefactHash: 'b'.repeat(64) }),
        /speaks of the artefact b{64}, not of/,
      ],
      [
        'from a month ago',
        () => record({ decidedAt: new Date(Date.now() - 31 * DAY_MS).toISOString() }),
        /too long ago/,
      ],
    ])('one that is %s lets nothing in, on any replica', async (_, make, refusal) => {
      await relist(() => [make()])
      for (const one of [stack, other]) expect(await promote(one, id, 'PRODUCTION')).toMatch(refusal)
      expect((await shownVersion(stack, id)).stage).toBe('EXPERIMENT')
      expect(await production()).toBe(first)
    })

    test('a good one that is put into a snapshot after that was signed lets nothing in: the snapshot is refused', async () => {
      const refusals = () =>
        stack.metric('personalization', 'bulkhead_snapshot_refused_total', ['code="BAD_SIGNATURE"'])
      await relist(() => [])
      const before = await refusals()
      hostile.tamper((snapshot) => ({
        ...snapshot,
        version: Number(snapshot.version) + 1,
        decisions: [record()],
      }))
      await waitUntil('the snapshot is refused', async () => (await refusals()) > before + 1)
      expect(await promote(stack, id, 'PRODUCTION')).toMatch(/no signed SHIP/)
    })

    test('one that was used lets nothing in again: neither the version that was rolled back, nor its artefact as another one', async () => {
      await shipped(id, { champion: first })
      const used = (await published()).filter(({ modelVersionId }) => modelVersionId === id)
      expect(used).toMatchObject([{ outcome: 'SHIP', artefactHash }])
      expect(await promote(stack, id, 'PRODUCTION')).toBe('PRODUCTION')
      expect(await production()).toBe(id)
      const { stageHistory } = await shownVersion(stack, id)
      expect(stageHistory.at(-1)?.evidence?.hash).toBe(canonicalHash(used[0] ?? {}))

      await rollback(other, id)
      expect(await production()).toBe(first)
      await waitUntil('experimentation has revoked it', async () => {
        return !(await published()).some(({ modelVersionId }) => modelVersionId === id)
      })
      const revoked = await stack.query(`{ experiment(key: "ship-${id}") { decision { revokedAt } } }`)
      expect(revoked.data.experiment.decision.revokedAt).not.toBeNull()

      const renamed = used.map((one) => ({ ...one, modelVersionId: 'twin-v1' }))
      await relist((decisions) => [...decisions, ...used, ...renamed])
      for (const one of [stack, other]) {
        expect(await promote(one, id, 'PRODUCTION')).toMatch(/From RETIRED, forged-v1 has no step/)
        expect(await promote(one, 'twin-v1', 'PRODUCTION')).toMatch(/no signed SHIP/)
      }
      expect(await production()).toBe(first)
    })
  })

  test('a promotion goes on while experimentation is down, and is told when it is back', async () => {
    const id = 'alone-v1'
    await bringToExperiment(stack, [id], { of: first, championId: first })
    await shipped(id, { champion: first })
    await stack.process('experimentation').kill()
    expect(await promote(other, id, 'PRODUCTION')).toBe('PRODUCTION')
    expect(await production()).toBe(id)
    await stack.start('experimentation')
    await waitUntil('it is told', () => isTold(id, CHANGES_TO_PRODUCTION))
  })

  test('of two replicas that promote at once one is first, and both serve the same', async () => {
    const champion = await production()
    const rivals = ['rival-v1', 'rival-v2']
    await bringToExperiment(stack, rivals, { of: first, championId: champion })
    for (const id of rivals) await shipped(id, { champion })
    const outcomes = await Promise.all(
      [stack, other].flatMap((one) => rivals.map((id) => promote(one, id, 'PRODUCTION'))),
    )
    // Who comes second replaces the first, and who asks for what was replaced meanwhile is refused.
    for (const outcome of outcomes) expect(outcome).toMatch(/^PRODUCTION$|does not have this step/)
    const winner = await production()
    const [loser] = rivals.filter((id) => id !== winner)
    expect(rivals).toContain(winner)
    const histories = await Promise.all(rivals.map((id) => shownVersion(stack, id)))
    for (const { stageHistory } of histories) {
      expect(stageHistory.filter(({ to }) => to === 'PRODUCTION')).toHaveLength(1)
    }
    const lost = await shownVersion(stack, loser ?? '')
    expect(lost.stageHistory.at(-1)).toMatchObject({ to: 'RETIRED', reason: `${winner} entered PRODUCTION` })
    await waitUntil('both are told', async () => {
      return (
        (await isTold(winner, CHANGES_TO_PRODUCTION)) &&
        (await isTold(loser ?? '', CHANGES_TO_PRODUCTION + 1))
      )
    })
  })

  test('killed between a promotion and its event, replicas come back with the promotion, and its event arrives once', async () => {
    const champion = await production()
    const id = 'killed-v1'
    await bringToExperiment(stack, [id], { of: first, championId: champion })
    await shipped(id, { champion })
    hostile.holdEvents(true)
    expect(await promote(stack, id, 'PRODUCTION')).toBe('PRODUCTION')
    await Promise.all([stack, other].map((one) => one.process('personalization').kill()))
    expect(await isTold(id, CHANGES_TO_PRODUCTION)).toBe(false)
    hostile.holdEvents(false)
    await Promise.all([stack, other].map((one) => one.start('personalization')))
    expect(await production()).toBe(id)
    await waitUntil('it is told', () => isTold(id, CHANGES_TO_PRODUCTION))
  })

  test('killed in the middle of a promotion, it is done with its event or not done at all', async () => {
    const champion = await production()
    const id = 'halfway-v1'
    await bringToExperiment(stack, [id], { of: first, championId: champion })
    await shipped(id, { champion })
    // Only once: repeated requests that nobody answers would open the gateway's circuit breaker.
    const asked = askPromotion(stack, id, 'PRODUCTION').catch(String)
    for (let looks = 0; looks < 500; looks++) {
      if ((await stack.metric('gateway', 'bulkhead_subgraph_fetches_in_flight')) > 0) break
    }
    await stack.process('personalization').kill()
    await asked
    await stack.start('personalization')
    const { stage } = await shownVersion(other, id)
    expect(['EXPERIMENT', 'PRODUCTION']).toContain(stage)
    expect(await production()).toBe(stage === 'PRODUCTION' ? id : champion)
    expect(await promote(stack, id, 'PRODUCTION')).toBe('PRODUCTION')
    await waitUntil('it is told', () => isTold(id, CHANGES_TO_PRODUCTION))
  })

  test('after all of this, the audit log of experimentation is intact, and names every decision that let a version in', async () => {
    expect(await runExperimentation(stack, ['audit', 'verify'])).toMatch(/^the audit log is intact/)
    const { stageHistory } = await shownVersion(stack, await production())
    const [record] = (await published()).filter(
      (one) => canonicalHash(one) === stageHistory.at(-1)?.evidence?.hash,
    )
    expect(record).toMatchObject({ experimentKey: 'ship-halfway-v1', decidedBy: 'ana' })
    const audit =
      '{ auditLog(filter: { subject: "experiment:ship-halfway-v1" }, first: 20) { nodes { action by } } }'
    const { data, errors } = await stack.query(audit)
    expect(errors).toEqual([])
    expect(data.auditLog.nodes).toContainEqual({ action: 'recordDecision', by: 'ana' })
  })
})
