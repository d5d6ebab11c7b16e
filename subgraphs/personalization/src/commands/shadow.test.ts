import { createApiClient } from '@bulkhead/service/api/api-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { compareLists } from '../domain/shadow/comparison.ts'
import { createShadowCounter } from '../domain/shadow/shadow-counts.ts'
import { createModelPathService } from '../services/model-path-service.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestApi } from '../testing/test-api.ts'
import { runModelPathCommand } from './model-path.ts'

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  const version = sampleModelVersion('ease-v2', { stage: 'SHADOW' })
  await store.saveModelVersion(version, new Uint8Array([1]))
})
afterEach(() => store.close())

/** Two replicas, each with so many requests, the first of which failed. */
async function shadow(requests: number): Promise<void> {
  const counter = createShadowCounter()
  counter.failed('timedOut', 500)
  const list = compareLists(['a', 'b'], ['a', 'c'], (id) => (id === 'b' ? 4 : 1))
  for (let at = 1; at < requests; at++) counter.compared(list, 2, 10)
  for (const source of ['replica-1', 'replica-2']) {
    await store.addShadow('ease-v2', { source, championId: null, counts: counter.counts() })
  }
}

/** Through the graph of this process. */
async function run(id: string, json = false): Promise<string> {
  const modelPath = createModelPathService({
    store,
    snapshots: { current: () => sampleSnapshot() },
    publicKeys: new Map(),
    clock: { now: () => NOON },
  })
  const fetch = await createTestApi({ store, modelPath })
  const client = createApiClient({ url: 'http://api', token: null, fetch })
  return runModelPathCommand({ name: 'shadow', id, url: null, json }, client)
}

test('the report is a table, with what is missing for an experiment', async () => {
  await shadow(50)
  const out = await run('ease-v2')
  expect(out).toMatch(/^ease-v2 in stage SHADOW$/m)
  expect(out).toMatch(/^requests +100$/m)
  expect(out).toMatch(/^failures +2 +timedOut 2$/m)
  expect(out).toMatch(/^overlap@10 +0\.500 /m)
  expect(out).toMatch(/^popularity shift +-1\.000 /m)
  expect(out).toMatch(/^coverage +20\.0 % /m)
  expect(out).toContain(
    'It is not ready for an experiment:\n- it was shadowed on 100 of at least 200 requests',
  )
})

test('a report within the limits says so', async () => {
  await shadow(500)
  expect(await run('ease-v2')).toContain('It is within the limits for an experiment.')
})

test('a version that nobody has asked has no report yet, and one that there is not is refused', async () => {
  expect(await run('ease-v2')).toContain('it has no shadow report')
  expect(JSON.parse(await run('ease-v2', true))).toBeNull()
  await expect(run('none')).rejects.toThrow(/^UNKNOWN_MODEL_VERSION: .*models list/)
})

test('programs get everything as JSON', async () => {
  await shadow(50)
  expect(JSON.parse(await run('ease-v2', true))).toMatchObject({
    requests: 100,
    failures: 2,
    failuresByKind: { timedOut: 2 },
    overlapAt10: 0.5,
    popularityShift: -1,
  })
})
