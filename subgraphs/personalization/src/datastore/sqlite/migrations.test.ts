import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleProductionVersion } from '../../testing/samples/models.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
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

test('items, slates and dead letters of earlier releases are found like new ones', async () => {
  const path = join(folder, 'erasable.db')
  const earlier = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 3))
  const insert = (sql: string, ...values: readonly (string | number)[]) =>
    earlier.raw.prepare(sql).run(...values)
  const slate = sampleSlate('early', { userId: 'ann' })
  insert('INSERT INTO slates (id, body) VALUES (?, ?)', slate.id, JSON.stringify(slate))
  const letters = [
    { ...sampleExposure('refused'), unit: 'ann' },
    { kind: 'unitErased', eventId: 'erased', unit: 'ann', occurredAt: new Date(NOON).toISOString() },
  ]
  for (const event of letters) {
    const sql = 'INSERT INTO dead_letters (event_id, event, code, message, at) VALUES (?, ?, ?, ?, ?)'
    insert(sql, event.eventId, JSON.stringify(event), 'NO', 'no', NOON)
  }
  insert(
    `INSERT INTO items (id, title, title_folded, categories, available, created_at) VALUES (?, ?, ?, '[]', 1, 0)`,
    ...['old', 'Old', 'OLD'],
  )
  earlier.close()
  const store = await openPersonalizationStore(`sqlite:${path}`)
  expect((await store.itemsByIds(['old'])).map(({ title }) => title)).toEqual(['Old'])
  await store.upsertItems([sampleItem('old', { title: 'New' })])
  const through = await store.catalogueVersion()
  const changes = await store.catalogueChanges({ after: { version: 0, itemId: null }, through, limit: 9 })
  expect(changes.items.map(({ title }) => title)).toEqual(['New'])
  const erasure = newErasure({ id: 'e1', userId: 'ann', by: 'eve', at: NOON })
  await store.beginErasure(erasure, erasureEvent(erasure))
  expect(await store.eraseSome({ erasureId: 'e1', through: NOON, limit: 9 })).toEqual({
    interactions: 0,
    slates: 1,
    // The erasure that was refused stays, because it has to be carried out.
    deadLetters: 1,
  })
  await store.close()
})
