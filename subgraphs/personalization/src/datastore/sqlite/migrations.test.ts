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

test('histories of earlier releases are read as they were', async () => {
  const path = join(folder, 'history.db')
  const earlier = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 3))
  const insert = earlier.raw.prepare(
    'INSERT INTO interactions (event_id, user_id, item_id, type, occurred_at) VALUES (?, ?, ?, ?, ?)',
  )
  for (const [at, type] of (['PLAY', 'HIDE', 'SKIP'] as const).entries()) {
    insert.run(`event-${at}`, 'u1', `item-${at}`, type, NOON + at)
  }
  earlier.close()
  const store = await openPersonalizationStore(`sqlite:${path}`)
  expect(await store.servingHistory('u1', { opinions: 9, used: 9, skipped: 9 })).toEqual({
    opinions: [{ itemId: 'item-1', type: 'HIDE', occurredAt: NOON + 1 }],
    used: [{ itemId: 'item-0', occurredAt: NOON }],
    skipped: [{ itemId: 'item-2', times: 1 }],
  })
  await store.close()
})
