import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { trendWeight } from '../../domain/popularity.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { sampleProductionVersion } from '../../testing/samples/models.ts'
import { sampleExposure, sampleSlateOf } from '../../testing/samples/slates.ts'
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
    { kind: 'modelStageChanged', modelVersionId: 'told-v1', change: 1, to: 'REGISTERED' },
    { kind: 'modelStageChanged', modelVersionId: 'told-v1', change: 2, to: 'PRODUCTION' },
  ])
  await store.close()
})

test('items, slates and dead letters of earlier releases are found like new ones', async () => {
  const path = join(folder, 'erasable.db')
  const earlier = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 3))
  const insert = (sql: string, ...values: readonly (string | number)[]) =>
    earlier.raw.prepare(sql).run(...values)
  const slate = sampleSlateOf('ann')
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

test('popularity of earlier releases is counted again, by listeners', async () => {
  const path = join(folder, 'popularity.db')
  const earlier = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 7))
  const insert = earlier.raw.prepare(
    'INSERT INTO interactions (event_id, user_id, item_id, type, occurred_at) VALUES (?, ?, ?, ?, ?)',
  )
  insert.run('e1', 'u1', 'hit', 'PLAY', NOON + 9)
  insert.run('e2', 'u1', 'hit', 'LIKE', NOON)
  insert.run('e3', 'u2', 'hit', 'CLICK', NOON)
  insert.run('e4', 'u1', 'pushed', 'PLAY', NOON)
  insert.run('e5', 'u1', 'pushed', 'PLAY', 8.64e15)
  insert.run('e6', 'u1', 'shunned', 'SKIP', NOON)
  earlier.raw.exec("INSERT INTO item_popularity (item_id, interactions) VALUES ('hit', 3), ('pushed', 2)")
  earlier.close()
  const store = await openPersonalizationStore(`sqlite:${path}`)
  // Counted before: it adds nothing.
  await store.importInteractions([sampleInteraction('e7', { userId: 'u1', itemId: 'pushed' })])
  expect(await store.popularItems(9)).toEqual([
    { itemId: 'hit', listeners: 2 },
    { itemId: 'pushed', listeners: 1 },
  ])
  const weight = trendWeight(NOON, NOON)
  const [hit, pushed] = await store.trendingItems(9)
  expect([hit?.itemId, pushed?.itemId]).toEqual(['hit', 'pushed'])
  expect([(hit?.trend ?? 0) / weight, (pushed?.trend ?? 0) / weight]).toEqual([
    expect.closeTo(2, 9),
    expect.closeTo(1, 9),
  ])
  await store.close()
})
