import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, expect, test } from 'vitest'
import { sampleModelVersion, sampleProductionVersion } from '../../testing/samples/models.ts'
import { saveServing, serveModel } from '../../testing/serving-model.ts'
import { ABANDONED_UPLOAD_MS } from '../limits.ts'
import { byCodePoint } from '../testing/store-contents.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteStore } from './store.ts'

const ARTEFACT = new Uint8Array([1])
const folder = mkdtempSync(join(tmpdir(), 'personalization-models-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a promotion that fails half-way leaves the version in production where it was, on sqlite', async () => {
  const db = openSqlite(':memory:', SQLITE_MIGRATIONS)
  const store = createSqliteStore(db)
  const serving = sampleProductionVersion('serving-v1')
  const next = sampleModelVersion('next-v1')
  await saveServing(store, serving, ARTEFACT)
  await store.saveModelVersion(next, ARTEFACT)
  // Whatever is written from now on may be retired but not promoted.
  for (const event of ['UPDATE', 'INSERT']) {
    db.raw.exec(`
      CREATE TRIGGER refuse_${event} BEFORE ${event} ON model_versions WHEN NEW.stage = 'PRODUCTION'
      BEGIN SELECT RAISE(ABORT, 'half-way'); END`)
  }
  await expect(serveModel(store, next)).rejects.toThrow('half-way')
  const kept = await store.modelVersionsByIds([serving.id, next.id])
  expect(kept.toSorted((a, b) => byCodePoint(a.id, b.id))).toEqual([next, serving])
  await store.close()
})

test('of the versions in production that an older sqlite file holds, one for each model, the newest stays', async () => {
  const path = join(folder, 'older.db')
  const older = openSqlite(path, SQLITE_MIGRATIONS.slice(0, 1))
  const first = sampleProductionVersion('a-v1', { model: 'a', createdAt: 1 })
  const second = sampleProductionVersion('b-v1', { model: 'b', createdAt: 2 })
  const third = sampleProductionVersion('c-v1', { model: 'c', createdAt: 2 })
  const other = sampleModelVersion('other-v1')
  const insert = older.raw.prepare(
    'INSERT INTO model_versions (id, model, stage, created_at, body, upload_id) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const version of [first, third, second, other]) {
    const { id, model, stage, createdAt } = version
    insert.run(id, model, stage, createdAt, JSON.stringify(version), 'none')
  }
  older.close()

  const before = Date.now()
  const db = openSqlite(path, SQLITE_MIGRATIONS)
  const store = createSqliteStore(db)
  expect(await store.productionModelVersion()).toEqual(third)
  for (const version of [first, second]) {
    const [retired] = await store.modelVersionsByIds([version.id])
    const history = retired?.stageHistory ?? []
    expect(history.at(-1)).toMatchObject({ from: 'PRODUCTION', to: 'RETIRED', by: 'schema migration 2' })
    expect(history.at(-1)?.at).toBeGreaterThanOrEqual(before)
    expect({ ...retired, stage: 'PRODUCTION', stageHistory: history.slice(0, -1) }).toEqual(version)
  }
  expect(await store.modelVersionsByIds([other.id])).toEqual([other])
  const secondInProduction = `UPDATE model_versions SET stage = 'PRODUCTION' WHERE id = 'other-v1'`
  expect(() => db.raw.exec(secondInProduction)).toThrow('UNIQUE')
  await saveServing(store, sampleProductionVersion('d-v1', { model: 'a' }), ARTEFACT)
  expect((await store.productionModelVersion())?.id).toBe('d-v1')
  await store.close()
})

test('uploads whose process died are deleted after a day; those of versions, and of today, stay, on sqlite', async () => {
  const db = openSqlite(':memory:', SQLITE_MIGRATIONS)
  const store = createSqliteStore(db)
  await store.saveModelVersion(sampleModelVersion('kept-v1'), ARTEFACT)
  db.raw.exec(`UPDATE artefact_chunks SET uploaded_at = 0`)
  const insert = db.raw.prepare(
    'INSERT INTO artefact_chunks (upload_id, position, bytes, uploaded_at) VALUES (?, ?, ?, ?)',
  )
  const dayAgo = Date.now() - ABANDONED_UPLOAD_MS
  insert.run('abandoned', 0, ARTEFACT, dayAgo - 1)
  insert.run('abandoned', 1, ARTEFACT, dayAgo - 1)
  insert.run('under-way', 0, ARTEFACT, dayAgo + 60_000)
  await store.saveModelVersion(sampleModelVersion('next-v1'), ARTEFACT)
  expect(await store.modelArtefact('kept-v1')).toEqual(ARTEFACT)
  expect(await store.modelArtefact('next-v1')).toEqual(ARTEFACT)
  const uploads = db.raw.prepare('SELECT upload_id AS id FROM artefact_chunks').all()
  expect(uploads).toHaveLength(3)
  expect(uploads.map(({ id }) => id)).toContain('under-way')
  await store.close()
})
