import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, expect, test } from 'vitest'
import { sampleProductionVersion } from '../../testing/samples/models.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'

const folder = mkdtempSync(join(tmpdir(), 'personalization-migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('experimentation is told of the model versions of earlier releases', async () => {
  const path = join(folder, 'earlier.db')
  const earlier = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 2))
  const body = JSON.stringify(sampleProductionVersion('told-v1'))
  earlier.raw
    .prepare(
      'INSERT INTO model_versions (id, model, stage, created_at, body, upload_id) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run('told-v1', 'item-to-item', 'PRODUCTION', NOON, body, 'upload-1')
  earlier.close()
  const store = await openPersonalizationStore(`sqlite:${path}`)
  const { entries } = await store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 10 })
  expect(entries.flatMap(({ events }) => events)).toMatchObject([
    { kind: 'modelStageChanged', modelVersionId: 'told-v1', change: 1, to: 'PRODUCTION' },
  ])
  await store.close()
})
