import { generateKeyPairSync } from 'node:crypto'
import { encodePrivateKey } from '@bulkhead/contracts'
import { createMetrics } from '@bulkhead/service/metrics'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import { sampleDraft } from '../testing/samples.ts'
import {
  fixedClock,
  openTestStore,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { createSigner } from './signer.ts'
import { createSnapshotService } from './snapshot-service.ts'

let store: ExperimentationStore
beforeEach(async () => {
  store = await openTestStore()
})
afterEach(() => store.close())

const GROUP = { key: 'staff', name: 'Staff', values: ['u1'] }
const condition = { userId: { $inGroup: 'staff' } }

test('what one replica defines, another one knows at its next change', async () => {
  const [one, other] = [await startTestReplica(store), await startTestReplica(store)]
  // Both have read what there is.
  await one.experiments.create(sampleDraft({ key: 'a' }), 'ana')
  await other.experiments.create(sampleDraft({ key: 'b' }), 'ana')

  await one.targeting.createLayer({ key: 'ranking', name: 'Ranking' }, 'ana')
  await one.targeting.saveGroup(GROUP, 'ana')
  await startExperiment(other, { key: 'c', condition, layer: 'ranking', layerRange: { from: 0, to: 0.5 } })
  expect(other.snapshots.current().snapshot).toMatchObject({ savedGroups: { staff: ['u1'] } })

  await other.targeting.saveGroup({ ...GROUP, values: ['u2'] }, 'ana')
  await startExperiment(one, { key: 'd', layer: 'ranking' })
  expect(one.snapshots.current().snapshot).toMatchObject({
    savedGroups: { staff: ['u2'] },
    experiments: [{ key: 'c' }, { key: 'd', layer: { from: 0.5, to: 1 } }],
  })
  expect(await one.targeting.createLayer({ key: 'ranking', name: 'Again' }, 'ben')).toMatchObject({
    type: 'refused',
    refusal: { type: 'invalid-input' },
  })
})

test('versions of a group follow each other, whoever saves them at the same time', async () => {
  const replicas = [await startTestReplica(store), await startTestReplica(store)]
  const saved = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      replicas[index % 2]?.targeting.saveGroup({ ...GROUP, values: [index] }, 'ana'),
    ),
  )
  const versions = saved.map((result) => (result?.type === 'accepted' ? result.value.version : null))
  expect(versions.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
})

test('the snapshot that another signing key makes keeps holdouts and groups', async () => {
  const replica = await startTestReplica(store)
  await replica.targeting.saveGroup(GROUP, 'ana')
  await replica.targeting.createHoldout({ key: 'global', name: 'Global', share: 0.05, layers: [] }, 'ana')
  await startExperiment(replica, { condition })
  const { version, holdouts, savedGroups, experiments } = replica.snapshots.current().snapshot

  const privateKey = encodePrivateKey(generateKeyPairSync('ed25519').privateKey)
  const { sign, publicKeys } = createSigner({ keyId: 'next-key', privateKey })
  const snapshots = createSnapshotService({
    store,
    sign,
    publicKeys,
    clock: fixedClock(),
    log: silentLog,
    metrics: createMetrics({ service: 'experimentation' }),
  })
  await snapshots.start()
  expect(holdouts).toHaveLength(1)
  expect(snapshots.current().snapshot).toMatchObject({
    version: version + 1,
    keyId: 'next-key',
    holdouts,
    savedGroups,
    experiments,
  })
})
