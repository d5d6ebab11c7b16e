import { assign, encodeExposureContext } from '@bulkhead/contracts'
import { afterEach, expect, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import { DAY, NOON, sampleDraft, sampleExposure, sampleIncoming, sampleSlateId } from '../testing/samples.ts'
import { errorCodes, openTestStore, query, startTestApp, type TestApp } from '../testing/test-app.ts'

const apps: TestApp[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

async function start(...options: Parameters<typeof startTestApp>): Promise<TestApp> {
  const app = await startTestApp(...options)
  apps.push(app)
  return app
}

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on RecommendationSlate {
      id
      exposures {
        experimentKey variantKey unit applied status snapshotVersion occurredAt recordedAt
        experiment { name }
        variant { key name weight isControl payload }
      }
    }
    ... on User { id assignments { experimentKey variantKey included reason } }
    ... on Experiment { key name exposureCounts { variantKey units exposures } }
  }
}`

function slate(number: number, overrides: { now?: number; key?: string; snapshotVersion?: number } = {}) {
  const { now = NOON, key = 'mix', snapshotVersion = 2 } = overrides
  const assignments = [
    { experimentKey: key, experimentVersion: 1, variantKey: 'treatment', unit: 'u1', applied: true },
  ]
  return {
    __typename: 'RecommendationSlate',
    id: sampleSlateId(number, 'u1', now),
    exposureContext: encodeExposureContext({ snapshotVersion, assignments }),
  }
}

const READS = [
  'experimentsByKeys',
  'snapshotsByVersions',
  'exposureRecords',
  'exposureCounts',
  'findExperiments',
  'countExperiments',
] as const

/** The store, with its reads counted. */
function counted(store: ExperimentationStore) {
  const calls: string[] = []
  const wrapped = { ...store }
  for (const name of READS) {
    const read = store[name] as (...args: unknown[]) => Promise<never>
    Object.assign(wrapped, {
      [name](...args: unknown[]) {
        calls.push(name)
        return read(...args)
      },
    })
  }
  return { calls, store: wrapped }
}

test('the exposures of a slate go from PENDING to RECORDED, with the variant of its snapshot', async () => {
  const app = await start()
  const representations = [slate(1)]
  const before = await query(app, ENTITIES, { representations })
  expect(before.data._entities[0].exposures).toEqual([
    {
      experimentKey: 'mix',
      variantKey: 'treatment',
      unit: 'u1',
      applied: true,
      status: 'PENDING',
      snapshotVersion: 2,
      occurredAt: null,
      recordedAt: null,
      experiment: { name: 'Mix' },
      variant: {
        key: 'treatment',
        name: 'Treatment',
        weight: 0.5,
        isControl: false,
        payload: { sources: [{ name: 'popular', weight: 1 }] },
      },
    },
  ])
  const event = sampleExposure({ variantKey: 'treatment', occurredAt: '2026-01-05T11:59:00.000Z' })
  await app.store.ingest([sampleIncoming(event, NOON)])
  const after = await query(app, ENTITIES, { representations })
  expect(after.data._entities[0].exposures[0]).toMatchObject({
    status: 'RECORDED',
    occurredAt: '2026-01-05T11:59:00.000Z',
    recordedAt: '2026-01-05T12:00:00.000Z',
  })
})

test('a refused exposure is REJECTED, one that cannot arrive any more EXPIRED', async () => {
  const app = await start()
  const refused = slate(1)
  await app.store.reject([
    {
      eventId: sampleExposure().eventId,
      producer: 'p1',
      code: 'EVENT_TOO_OLD',
      message: '',
      body: '',
      rejectedAt: NOON,
    },
  ])
  const old = slate(2, { now: NOON - 31 * DAY })
  const { data } = await query(app, ENTITIES, { representations: [refused, old] })
  expect(
    data._entities.map((entity: { exposures: { status: string }[] }) => entity.exposures[0]?.status),
  ).toEqual(['REJECTED', 'EXPIRED'])
})

test('a context that cannot be read costs the exposures of its slate alone, with a typed error', async () => {
  const app = await start()
  const broken = ['', '9.abc', '1.###', 'x'.repeat(20_000)].map((exposureContext, index) => ({
    ...slate(index),
    exposureContext,
  }))
  const answer = await query(app, ENTITIES, { representations: [...broken, slate(9)] })
  expect(answer.data._entities.map((entity: { exposures: unknown }) => entity.exposures === null)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ])
  expect(errorCodes(answer)).toEqual(broken.map(() => 'INVALID_EXPOSURE_CONTEXT'))
  expect(answer.errors[0].path).toEqual(['_entities', 0, 'exposures'])
})

test('a slate without assignments has no exposures', async () => {
  const app = await start()
  const exposureContext = encodeExposureContext({ snapshotVersion: null, assignments: [] })
  const { data } = await query(app, ENTITIES, { representations: [{ ...slate(1), exposureContext }] })
  expect(data._entities[0].exposures).toEqual([])
})

/** The read by which the background refresh is known; the next one comes much later. */
const FIRST_REFRESH = 'snapshotsByVersions'

test('a page of slates costs one datastore round trip for each kind of thing', async () => {
  const { calls, store } = counted(await openTestStore())
  const app = await start({ store, config: { snapshotRefreshMs: 60_000 } })
  await expect.poll(async () => (await app.http.inject('/metrics')).body).toContain('bulkhead_ingest_head')
  await expect.poll(() => calls).toContain(FIRST_REFRESH)
  const keys = Array.from({ length: 10 }, (_, index) => `e${index}`)
  for (const key of keys) await app.experiments.create(sampleDraft({ key }), 'ana')
  calls.length = 0
  const representations = keys.flatMap((key, index) => [
    slate(index, { key }),
    // Of versions that are not in this replica's memory.
    slate(index + 100, { key, snapshotVersion: index + 50 }),
    { __typename: 'Experiment', key },
  ])
  const answer = await query(app, ENTITIES, { representations })
  expect(answer.errors).toBeUndefined()
  expect(answer.data._entities[0].exposures[0].experiment).toEqual({ name: 'Mix' })
  expect(calls.sort()).toEqual([
    'experimentsByKeys',
    'exposureCounts',
    'exposureRecords',
    'snapshotsByVersions',
  ])
})

test('a page of experiments with their counts costs one round trip each, and aliases share them', async () => {
  const { calls, store } = counted(await openTestStore())
  const app = await start({ store, config: { snapshotRefreshMs: 60_000 } })
  await expect.poll(() => calls).toContain(FIRST_REFRESH)
  for (let index = 0; index < 20; index++)
    await app.experiments.create(sampleDraft({ key: `e${index}` }), 'ana')
  calls.length = 0
  const answer = await query(
    app,
    `{ experiments(first: 50) { nodes {
        a: exposureCounts { units } b: exposureCounts(groupBy: [VARIANT, VARIANT]) { exposures }
      } } }`,
  )
  expect(answer.data.experiments.nodes).toHaveLength(21)
  expect(calls).toEqual(['findExperiments', 'exposureCounts'])
})

test('experiments are counted only where `totalCount` is selected, and once however often it is', async () => {
  const { calls, store } = counted(await openTestStore())
  const app = await start({ store, config: { snapshotRefreshMs: 60_000 } })
  await app.experiments.create(sampleDraft({ key: 'other', owner: 'ben' }), 'ana')
  const listCalls = () => calls.splice(0).filter((name) => name.endsWith('Experiments'))
  await query(app, '{ experiments(first: 1) { nodes { key } pageInfo { hasNextPage } } }')
  expect(listCalls()).toEqual(['findExperiments'])
  const answer = await query(
    app,
    '{ experiments(first: 1, filter: { owner: "ben" }) { totalCount again: totalCount } }',
  )
  expect(answer.data.experiments).toEqual({ totalCount: 1, again: 1 })
  expect(listCalls()).toEqual(['findExperiments', 'countExperiments'])
})

test('references to users and experiments resolve in one batch, an unknown experiment to null', async () => {
  const app = await start()
  const { data } = await query(app, ENTITIES, {
    representations: [
      { __typename: 'User', id: 'u1' },
      { __typename: 'Experiment', key: 'mix' },
      { __typename: 'Experiment', key: 'none' },
    ],
  })
  expect(data._entities).toEqual([
    {
      id: 'u1',
      assignments: [
        { experimentKey: 'mix', variantKey: expect.any(String), included: true, reason: 'BUCKETED' },
      ],
    },
    { key: 'mix', name: 'Mix', exposureCounts: [] },
    null,
  ])
})

test('a reference whose key cannot be one costs no other of its batch, and is never an internal error', async () => {
  const app = await start()
  const { id, exposureContext } = slate(1)
  const noKeys = [undefined, null, 5, {}, [], '', '\ud800', 'x'.repeat(300)]
  const lost = noKeys.flatMap((key) => [
    { __typename: 'Experiment', key },
    { __typename: 'User', id: key },
    { __typename: 'RecommendationSlate', id: key, exposureContext },
  ])
  const broken = [undefined, null, 5, {}].map((context) => ({
    __typename: 'RecommendationSlate',
    id,
    exposureContext: context,
  }))
  const good = [slate(2), { __typename: 'Experiment', key: 'mix' }, { __typename: 'User', id: 'u1' }]
  const answer = await query(app, ENTITIES, { representations: [...lost, ...broken, ...good] })
  const entities: unknown[] = answer.data._entities
  expect(entities.slice(0, -good.length)).toEqual([...lost, ...broken].map(() => null))
  expect(entities.slice(-good.length)).toMatchObject([
    { exposures: [{ experimentKey: 'mix' }] },
    { key: 'mix', name: 'Mix' },
    { id: 'u1' },
  ])
  expect(errorCodes(answer)).toEqual(broken.map(() => 'INVALID_EXPOSURE_CONTEXT'))
})

test('assignments are what the evaluator says, in the newest snapshot or in the one named', async () => {
  const app = await start()
  const document = `query ($unit: ID!, $version: Int) {
    assignments(unit: $unit, snapshotVersion: $version, attributes: { country: "AT" }) {
      variantKey bucket snapshotVersion variant { key name } experiment { key }
    }
  }`
  for (const unit of ['u1', 'u2', 'ü', '🎵']) {
    const [expected] = assign(app.snapshots.current().snapshot, { userId: unit }, {})
    const { data } = await query(app, document, { unit })
    expect(data.assignments).toMatchObject([
      {
        variantKey: expected?.variant?.key,
        bucket: expected?.bucket,
        snapshotVersion: 2,
        experiment: { key: 'mix' },
      },
    ])
  }
  expect((await query(app, document, { unit: 'u1', version: 1 })).data.assignments).toEqual([])
})

test('unknown versions, impossible units and attributes get typed errors', async () => {
  const app = await start()
  const ask = (args: string) => query(app, `{ assignments(${args}) { variantKey } }`)
  for (const version of [99, 0, -1]) {
    expect(errorCodes(await ask(`unit: "u1", snapshotVersion: ${version}`))).toEqual([
      'UNKNOWN_SNAPSHOT_VERSION',
    ])
  }
  for (const args of ['unit: ""', `unit: "${'x'.repeat(257)}"`, 'unit: "u1", attributes: [1]']) {
    expect(errorCodes(await ask(args))).toEqual(['BAD_USER_INPUT'])
  }
  expect(errorCodes(await ask(`unit: "u1", attributes: { a: "${'x'.repeat(5_000)}" }`))).toEqual([
    'BAD_USER_INPUT',
  ])
})
