import { generateKeyPairSync } from 'node:crypto'
import {
  encodePrivateKey,
  MAX_SNAPSHOT_BYTES,
  readSnapshot,
  type UnsignedSnapshot,
} from '@bulkhead/contracts'
import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import { reportStages, sampleShipped } from '../testing/sample-decisions.ts'
import { sampleGroup } from '../testing/sample-targeting.ts'
import { NOON, sampleExperiment } from '../testing/samples.ts'
import {
  fixedClock,
  keyring,
  openTestStore,
  signing,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { createSigner } from './signer.ts'
import { createSnapshotService } from './snapshot-service.ts'

const EMPTY_SNAPSHOT: Omit<UnsignedSnapshot, 'version'> = {
  publishedAt: new Date(NOON).toISOString(),
  layers: [],
  holdouts: [],
  experiments: [],
  decisions: [],
}

function counting(store: ExperimentationStore) {
  const calls: string[] = []
  const counted: Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions'> = {
    latestSnapshot() {
      calls.push('latestSnapshot')
      return store.latestSnapshot()
    },
    snapshotsByVersions(versions) {
      calls.push(`snapshotsByVersions ${versions.join()}`)
      return store.snapshotsByVersions(versions)
    },
  }
  return { calls, store: { ...store, ...counted } }
}

test('an empty datastore gets its first snapshot at the start, signed and verifiable', async () => {
  const { snapshots } = await startTestReplica(await openTestStore())
  const { snapshot, body } = snapshots.current()
  expect(snapshot).toMatchObject({ version: 1, experiments: [] })
  expect(readSnapshot(JSON.parse(body), keyring)).toMatchObject({ type: 'snapshot' })
})

test('of many replicas that start at once on an empty datastore, one publishes', async () => {
  const store = await openTestStore()
  const replicas = await Promise.all(Array.from({ length: 5 }, () => startTestReplica(store)))
  expect(replicas.map(({ snapshots }) => snapshots.current().snapshot.version)).toEqual([1, 1, 1, 1, 1])
})

test('a service with another signing key publishes the same experiments again, so that the old key can be removed', async () => {
  const store = await openTestStore()
  await startExperiment(await startTestReplica(store))
  const snapshots = createSnapshotService({
    ...createSigner({ ...signing, keyId: 'next-key' }),
    metrics: createMetrics({ service: 'experimentation' }),
    store,
    clock: fixedClock(),
    log: silentLog,
  })
  await snapshots.start()
  expect(snapshots.current().snapshot).toMatchObject({
    version: 3,
    keyId: 'next-key',
    experiments: [{ key: 'mix' }],
  })
})

test('the change of the key is in the audit log', async () => {
  const store = await openTestStore()
  await startTestReplica(store)
  await createSnapshotService({
    ...createSigner({ ...signing, keyId: 'next-key' }),
    metrics: createMetrics({ service: 'experimentation' }),
    store,
    clock: fixedClock(),
    log: silentLog,
  }).start()
  const { entries } = await store.findAuditEntries({ filter: {}, limit: 9, after: 0 })
  expect(entries).toMatchObject([
    { action: 'changeSigningKey', before: { keyId: 'test-key' }, after: { keyId: 'next-key' } },
  ])
})

test('another key under the same id is found at the start, with what to do', async () => {
  const store = await openTestStore()
  await startTestReplica(store)
  const { privateKey } = generateKeyPairSync('ed25519')
  const snapshots = createSnapshotService({
    ...createSigner({ ...signing, privateKey: encodePrivateKey(privateKey) }),
    metrics: createMetrics({ service: 'experimentation' }),
    store,
    clock: fixedClock(),
    log: silentLog,
  })
  const refusal = await snapshots.start().catch((error: unknown) => error)
  expect(refusal).toMatchObject({ name: 'StartupError' })
  expect(String(refusal)).toMatch(/snapshot 1 .* id "test-key": .*\(SNAPSHOT_SIGNING_KEY_ID\)/)
  expect((await store.latestSnapshot())?.version).toBe(1)
})

test('what another replica publishes is taken over at the next refresh', async () => {
  const store = await openTestStore()
  const [mine, other] = [await startTestReplica(store), await startTestReplica(store)]
  await startExperiment(other)
  expect(mine.snapshots.current().snapshot.version).toBe(1)
  await mine.snapshots.refresh()
  expect(mine.snapshots.current()).toEqual(other.snapshots.current())
})

test('a refresh without news costs one round trip', async () => {
  const { calls, store } = counting(await openTestStore())
  const { snapshots } = await startTestReplica(store)
  calls.length = 0
  await snapshots.refresh()
  expect(calls).toEqual(['snapshotsByVersions 2'])
})

test('an older snapshot never replaces a newer one', async () => {
  const replica = await startTestReplica(await openTestStore())
  const first = replica.snapshots.current()
  await startExperiment(replica)
  replica.snapshots.accept(first.snapshot)
  expect(replica.snapshots.current().snapshot.version).toBe(2)
})

test('versions by number cost one round trip the first time and none after, and unknown ones are left out', async () => {
  const inner = await openTestStore()
  await startExperiment(await startTestReplica(inner))
  const { calls, store } = counting(inner)
  const { snapshots } = await startTestReplica(store)
  calls.length = 0
  expect([...(await snapshots.byVersions([1, 2, 9])).keys()].sort()).toEqual([1, 2])
  expect([...(await snapshots.byVersions([1, 2])).keys()]).toEqual([1, 2])
  expect(calls).toEqual(['snapshotsByVersions 1,9'])
})

test('the 32 versions that were asked for last are in memory, and others are read again', async () => {
  const { sign } = createSigner(signing)
  const reads: number[][] = []
  const { snapshots } = await startTestReplica({
    ...(await openTestStore()),
    async snapshotsByVersions(versions) {
      reads.push([...versions])
      return versions.map((version) => sign({ ...EMPTY_SNAPSHOT, version }))
    },
  })
  const versions = Array.from({ length: 32 }, (_, index) => index + 2)
  await snapshots.byVersions(versions)
  await snapshots.byVersions([2])
  await snapshots.byVersions([34])
  await snapshots.byVersions([2])
  await snapshots.byVersions([3])
  expect(reads).toEqual([versions, [34], [3]])
})

test('different snapshots have different entity tags, and one snapshot the same on every replica', async () => {
  const store = await openTestStore()
  const [mine, other] = [await startTestReplica(store, NOON), await startTestReplica(store, NOON + 1)]
  const before = mine.snapshots.current().etag
  expect(other.snapshots.current().etag).toBe(before)
  await startExperiment(mine)
  expect(mine.snapshots.current().etag).not.toBe(before)
})

test('a start on a snapshot that is nearly full of experiments leaves out the oldest decisions, and stays below the limit', async () => {
  const store = await openTestStore()
  const replica = await startTestReplica(store)
  await reportStages(store, 'm2', ['REGISTERED', 'EXPERIMENT'])
  const condition = { userId: { $inGroup: 'staff' } }
  const experiment = sampleExperiment({ key: 'mix', status: 'RUNNING', startedAt: 1, condition })
  const values = ['x'.repeat(MAX_SNAPSHOT_BYTES - 12_000)]
  const full: ExperimentationStore = {
    ...store,
    assigningExperiments: async () => [experiment],
    targetingDefinitions: async () => [{ kind: 'savedGroup', value: sampleGroup({ values }) }],
    shippedExperiments: async () =>
      Array.from({ length: 40 }, (_, day) => sampleShipped(`e${day}`, 'm2', NOON + day)),
  }
  expect(replica.snapshots.current().snapshot.decisions).toEqual([])
  const { snapshots } = await startTestReplica(full)
  const { snapshot, body } = snapshots.current()
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES)
  const listed = snapshot.decisions.map(({ experimentKey }) => experimentKey)
  expect(listed.length).toBeGreaterThan(5)
  expect(listed).toEqual(Array.from(listed, (_, index) => `e${39 - index}`))
  // Again, it finds what it wants to publish, and publishes nothing.
  expect((await startTestReplica(full)).snapshots.current().snapshot.version).toBe(snapshot.version)
})
