import { type BootstrapDecision, readBootstrap, readDecision } from '@bulkhead/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { reportStages } from '../../testing/sample-decisions.ts'
import { NOON } from '../../testing/samples.ts'
import {
  defineSampleMetrics,
  keyring,
  openTestStore,
  type Replica,
  startExperiment,
  startTestReplica,
} from '../../testing/test-app.ts'
import { verifyAudit } from '../audit-verification.ts'

const HASH = 'ab'.repeat(32)

async function start(options: { readonly quorum?: number } = {}): Promise<Replica> {
  const store = await openTestStore()
  onTestFinished(() => store.close())
  return startTestReplica(store, NOON, options)
}

const DRAFT = { modelVersionId: 'ease-v1', rationale: 'It beats what is popular.', by: 'ana' }
const APPROVAL = { modelVersionId: 'ease-v1', approved: true, comment: 'as measured' }

async function approve(replica: Replica, by: string, revision: number): Promise<string> {
  const result = await replica.bootstraps.review({ ...APPROVAL, by, revision })
  return result.type === 'accepted' ? result.bootstrap.status : result.refusal.type
}

/** A stopped experiment that serves a model version, with a SHIP that only needs an approval. */
async function decideToShip(replica: Replica, key: string, modelVersionId: string, pauseFirst = false) {
  await reportStages(replica.store, 'champion', ['PRODUCTION'])
  const metrics = await defineSampleMetrics(replica)
  const variants = [
    { key: 'control', name: 'C', weight: 0.5, payload: { modelVersionId: 'champion' }, isControl: true },
    { key: 'treatment', name: 'T', weight: 0.5, payload: { modelVersionId }, isControl: false },
  ]
  await startExperiment(replica, { key, surfaces: [key], metrics, variants })
  let revision = 4
  const steps = pauseFirst ? (['pause', 'stop'] as const) : (['stop'] as const)
  for (const action of steps) {
    await replica.experiments.step({ key, action, revision, reason: 'r', by: 'ana' })
    revision += 1
  }
  const decision = { outcome: 'SHIP' as const, variantKey: 'treatment', rationale: 'It is played longer.' }
  const recorded = await replica.experiments.recordDecision({ key, revision, decision, by: 'ana' })
  if (recorded.type === 'refused') throw new Error(JSON.stringify(recorded.refusal))
  const review = { key, revision: recorded.experiment.revision, approved: true, comment: 'c', by: 'ben' }
  return () => replica.experiments.reviewDecision(review)
}

function shown({ snapshots }: Replica) {
  return snapshots.current().snapshot.decisions
}

async function auditProblems({ store }: Replica) {
  return (await verifyAudit(store)).problems
}

test('two people put the signed decision into the snapshot, in one write, and the audit log has both steps', async () => {
  const replica = await start({ quorum: 0 })
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  const evaluationHash = 'cd'.repeat(32)
  expect(await replica.bootstraps.record({ ...DRAFT, evaluationHash })).toMatchObject({
    bootstrap: { status: 'IN_REVIEW', revision: 1 },
  })
  expect(shown(replica)).toEqual([])
  expect(await approve(replica, 'ana', 1)).toBe('bootstrap-own-work')
  const before = replica.snapshots.current().snapshot.version
  expect(await approve(replica, 'ben', 1)).toBe('APPROVED')
  const { snapshot } = replica.snapshots.current()
  expect(snapshot.version).toBe(before + 1)
  const [raw] = snapshot.decisions
  const [stored] = (await replica.store.bootstrapRecords()).map(({ value }) => value)
  expect(JSON.stringify(raw)).toBe(JSON.stringify(stored?.signed))
  expect(readBootstrap(raw, keyring)).toMatchObject({
    artefactHash: HASH,
    evaluationHash,
    decidedBy: 'ana',
    reviewedBy: ['ben'],
  } satisfies Partial<BootstrapDecision>)
  const { entries } = await replica.store.findAuditEntries({ filter: {}, after: 0, limit: 10 })
  expect(entries.map(({ by, action, subject }) => `${by} ${action} ${subject}`)).toEqual([
    'ana recordBootstrapDecision bootstrap:ease-v1',
    'ben reviewBootstrapDecision bootstrap:ease-v1',
  ])
  expect(await auditProblems(replica)).toEqual([])
})

test('a decision that was changed in the datastore is found by the verification', async () => {
  const replica = await start()
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  await replica.bootstraps.record(DRAFT)
  const { store } = replica
  const forged = {
    ...store,
    bootstrapRecords: async () =>
      (await store.bootstrapRecords()).map((record) => ({
        ...record,
        value: record.value === null ? null : { ...record.value, decidedBy: 'eve' },
      })),
  }
  expect((await verifyAudit(forged)).problems).toMatchObject([
    { subject: 'bootstrap:ease-v1', message: expect.stringMatching(/decidedBy/) },
  ])
})

test('one that cannot be read is left out, named by the verification, and stops neither the start nor another one', async () => {
  const replica = await start()
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  await reportStages(replica.store, 'ease-v2', ['REGISTERED', 'EVALUATED'])
  await replica.bootstraps.record(DRAFT)
  const { store } = replica
  const damaged = {
    ...store,
    bootstrapRecords: async () =>
      (await store.bootstrapRecords()).map((record) =>
        record.key === 'ease-v1' ? { ...record, value: null } : record,
      ),
  }
  const restarted = await startTestReplica(damaged)
  const unreadable = { refusal: { type: 'bootstrap-unreadable', modelVersionId: 'ease-v1' } }
  expect(await restarted.bootstraps.record(DRAFT)).toMatchObject(unreadable)
  expect(await approve(restarted, 'ben', 1)).toBe('bootstrap-unreadable')
  const other = { ...DRAFT, modelVersionId: 'ease-v2' }
  expect(await restarted.bootstraps.record(other)).toMatchObject({ type: 'accepted' })
  expect((await verifyAudit(damaged)).problems).toMatchObject([
    { subject: 'bootstrap:ease-v1', message: 'what is stored cannot be read' },
  ])
})

test('of two people on two replicas who approve at once, one signs', async () => {
  const replica = await start()
  const other = await startTestReplica(replica.store)
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  await replica.bootstraps.record(DRAFT)
  const outcomes = await Promise.all([approve(replica, 'ben', 1), approve(other, 'eve', 1)])
  expect(outcomes.toSorted()).toEqual(['APPROVED', 'bootstrap-final'])
  const [stored] = (await replica.store.bootstrapRecords()).map(({ value }) => value)
  expect(stored?.signed?.reviewedBy).toHaveLength(1)
  expect(await auditProblems(replica)).toEqual([])
})

test('a SHIP that becomes final at once with an approval leaves one of them, or a decision that is not listed', async () => {
  for (const shipFirst of [true, false]) {
    const replica = await start()
    const other = await startTestReplica(replica.store)
    await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
    await reportStages(replica.store, 'ials-v1', ['REGISTERED', 'EXPERIMENT'])
    await replica.bootstraps.record(DRAFT)
    const ship = await decideToShip(other, 'mix', 'ials-v1')
    const first = shipFirst ? ship() : approve(replica, 'ben', 1)
    const [approval] = shipFirst
      ? await Promise.all([approve(replica, 'ben', 1), first])
      : await Promise.all([first, ship()])
    expect(['APPROVED', 'model-shipped']).toContain(approval)
    await replica.snapshots.refresh()
    expect(shown(replica).map(({ experimentKey }) => experimentKey)).toEqual(['mix'])
    expect(await approve(replica, 'eve', 1)).toBe(
      approval === 'APPROVED' ? 'bootstrap-final' : 'model-shipped',
    )
    expect((await replica.bootstraps.record({ ...DRAFT, modelVersionId: 'ials-v1' })).type).toBe('refused')
    expect(await auditProblems(replica)).toEqual([])
  }
})

test('a SHIP is in the snapshot of the review that signs it, also of an experiment that was listed nowhere', async () => {
  for (const pauseFirst of [false, true]) {
    const replica = await start()
    await reportStages(replica.store, 'm2', ['REGISTERED', 'EXPERIMENT'])
    const ship = await decideToShip(replica, 'mix', 'm2', pauseFirst)
    expect(shown(replica)).toEqual([])
    const before = replica.snapshots.current().snapshot.version
    const result = await ship()
    expect(replica.snapshots.current().snapshot.version).toBe(before + 1)
    const [raw, ...others] = shown(replica)
    expect(others).toEqual([])
    const signed = result.type === 'accepted' ? result.experiment.decision?.signed : null
    expect(JSON.stringify(raw)).toBe(JSON.stringify(signed))
    expect(readDecision(raw, keyring)).toMatchObject({ modelVersionId: 'm2', artefactHash: HASH })
  }
})

test('a SHIP about a version that is RETIRED is neither approved nor recorded, but rejected', async () => {
  const replica = await start()
  await reportStages(replica.store, 'm2', ['REGISTERED', 'EXPERIMENT'])
  const ship = await decideToShip(replica, 'mix', 'm2')
  await reportStages(replica.store, 'm2', ['RETIRED'], { since: 2 })
  const refused = { type: 'refused', refusal: { type: 'model-retired', modelVersionId: 'm2' } }
  expect(await ship()).toEqual(refused)
  const [stored] = await replica.store.experimentsByKeys(['mix'])
  const request = { key: 'mix', revision: stored?.revision ?? 0, by: 'ben' }
  const rejected = await replica.experiments.reviewDecision({ ...request, approved: false, comment: 'c' })
  expect(rejected.type).toBe('accepted')
  const decision = { outcome: 'SHIP' as const, variantKey: 'treatment', rationale: 'r' }
  const again = { ...request, revision: request.revision + 1 }
  expect(await replica.experiments.recordDecision({ ...again, decision })).toEqual(refused)
  const other = { outcome: 'ROLLBACK' as const, variantKey: 'treatment', rationale: 'r' }
  expect((await replica.experiments.recordDecision({ ...again, decision: other })).type).toBe('accepted')
})

test('the snapshot follows the stages of a version: one more where its decisions change, and none where they do not', async () => {
  const replica = await start()
  await reportStages(replica.store, 'm2', ['REGISTERED', 'EVALUATED', 'SHADOW'])
  await (await decideToShip(replica, 'mix', 'm2'))()
  const version = () => replica.snapshots.current().snapshot.version
  const first = version()
  await replica.publishDecisions()
  expect([shown(replica), version()]).toEqual([[], first])

  await reportStages(replica.store, 'm2', ['EXPERIMENT'], { since: 3 })
  await replica.publishDecisions()
  expect([shown(replica).length, version()]).toEqual([1, first + 1])
  await reportStages(replica.store, 'm2', ['PRODUCTION'], { since: 4 })
  await replica.publishDecisions()
  expect(version()).toBe(first + 1)

  const rolledBack = { since: 5, from: 'PRODUCTION', reason: 'rolled-back' } as const
  await reportStages(replica.store, 'm2', ['RETIRED'], rolledBack)
  await replica.publishDecisions()
  expect([shown(replica), version()]).toEqual([[], first + 2])
  // What was revoked does not come back, whatever stage is told afterwards.
  await reportStages(replica.store, 'm2', ['PRODUCTION'], { since: 6 })
  await replica.publishDecisions()
  expect([shown(replica), version()]).toEqual([[], first + 2])

  const { entries } = await replica.store.findAuditEntries({
    filter: { subject: 'snapshot' },
    after: 0,
    limit: 9,
  })
  expect(entries.map(({ by, action }) => `${by} ${action}`)).toEqual([
    'experimentation publishDecisions',
    'experimentation publishDecisions',
  ])
  expect(entries[0]).toMatchObject({
    before: { decisions: [] },
    after: { decisions: [{ experimentKey: 'mix', modelVersionId: 'm2' }] },
  })
  expect(await auditProblems(replica)).toEqual([])
})

test('a version that was only replaced is listed again when it is back, and many replicas publish that once', async () => {
  const replica = await start()
  const other = await startTestReplica(replica.store)
  await reportStages(replica.store, 'm2', ['EXPERIMENT', 'PRODUCTION'])
  await (await decideToShip(replica, 'mix', 'm2'))()
  await other.snapshots.refresh()
  const { version } = replica.snapshots.current().snapshot
  await reportStages(replica.store, 'm2', ['RETIRED'], { since: 2, from: 'PRODUCTION', reason: 'replaced' })
  await Promise.all([replica.publishDecisions(), other.publishDecisions()])
  await Promise.all([replica.snapshots.refresh(), other.snapshots.refresh()])
  for (const one of [replica, other]) {
    expect([shown(one), one.snapshots.current().snapshot.version]).toEqual([[], version + 1])
  }
  await reportStages(replica.store, 'm2', ['PRODUCTION'], { since: 3 })
  await other.publishDecisions()
  expect(shown(other)).toHaveLength(1)
  // A change of the other replica does not fall back to what this one has known.
  await startExperiment(replica, { key: 'later', surfaces: ['later'] })
  expect(shown(replica)).toHaveLength(1)
})

test('a replica that starts finds the stages that were told while none ran', async () => {
  const replica = await start()
  await reportStages(replica.store, 'm2', ['SHADOW'])
  await (await decideToShip(replica, 'mix', 'm2'))()
  await reportStages(replica.store, 'm2', ['EXPERIMENT'], { since: 1 })
  expect(shown(await startTestReplica(replica.store))).toHaveLength(1)
})

test('once a SHIP is final on another replica, no bootstrap decision is recorded or approved any more', async () => {
  const replica = await start()
  const other = await startTestReplica(replica.store)
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  await reportStages(replica.store, 'ease-v2', ['REGISTERED', 'EVALUATED'])
  await reportStages(replica.store, 'ials-v1', ['REGISTERED', 'EXPERIMENT'])
  await replica.bootstraps.record(DRAFT)
  const ship = await decideToShip(other, 'mix', 'ials-v1')
  expect(await replica.bootstraps.record({ ...DRAFT, modelVersionId: 'ease-v2' })).toMatchObject({
    type: 'accepted',
  })
  await ship()
  expect(await approve(replica, 'ben', 1)).toBe('model-shipped')
  expect(await replica.bootstraps.record(DRAFT)).toMatchObject({
    refusal: { type: 'model-shipped', experimentKey: 'mix' },
  })
})

test('once all that was shipped is rolled back and nothing serves, there is a first model again', async () => {
  const replica = await start()
  await reportStages(replica.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  await reportStages(replica.store, 'ials-v1', ['REGISTERED', 'EXPERIMENT'])
  await (await decideToShip(replica, 'mix', 'ials-v1'))()
  const rolledBack = { from: 'PRODUCTION', reason: 'rolled-back' } as const
  await reportStages(replica.store, 'champion', ['RETIRED'], {
    since: 1,
    from: 'PRODUCTION',
    reason: 'replaced',
  })
  await reportStages(replica.store, 'ials-v1', ['PRODUCTION'], { since: 2 })
  expect(await replica.bootstraps.record(DRAFT)).toMatchObject({ refusal: { type: 'model-shipped' } })
  await reportStages(replica.store, 'ials-v1', ['RETIRED'], { since: 3, ...rolledBack })
  await reportStages(replica.store, 'champion', ['PRODUCTION'], { since: 2 })
  expect(await replica.bootstraps.record(DRAFT)).toMatchObject({ refusal: { type: 'model-shipped' } })
  await reportStages(replica.store, 'champion', ['RETIRED'], { since: 3, ...rolledBack })
  expect(await replica.bootstraps.record(DRAFT)).toMatchObject({ type: 'accepted' })
  expect(await approve(replica, 'ben', 1)).toBe('APPROVED')
  expect(shown(replica)).toMatchObject([{ kind: 'bootstrap', modelVersionId: 'ease-v1' }])
})
