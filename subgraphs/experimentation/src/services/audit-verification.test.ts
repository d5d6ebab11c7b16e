import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { SQLITE_MIGRATIONS } from '../datastore/sqlite/migrations.ts'
import { NOON } from '../testing/samples.ts'
import {
  fixedClock,
  openTestStore,
  type Replica,
  signing,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { verifyAudit } from './audit-verification.ts'
import { createSigner } from './signer.ts'
import { createSnapshotService } from './snapshot-service.ts'

async function defineMetric({ definitions }: Replica, key: string, windowHours: number) {
  const metric = { key, name: key, kind: 'COUNT', event: 'PLAY', windowHours, lowerIsBetter: false } as const
  expect(await definitions.define(metric, 'ana')).toMatchObject({ type: 'accepted' })
}

/** A datastore with a metric in two versions and a paused experiment, whose file was changed by somebody else. */
async function tampered(
  change: (db: SqliteDatabase['raw']) => void,
  prepare: (replica: Replica) => Promise<void> = async () => undefined,
): Promise<ExperimentationStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'audit.db')
  const store = await openExperimentationStore(`sqlite:${path}`)
  const replica = await startTestReplica(store)
  await defineMetric(replica, 'plays', 24)
  await defineMetric(replica, 'plays', 48)
  await startExperiment(replica)
  await replica.experiments.step({ key: 'mix', action: 'pause', revision: 4, reason: 'r', by: 'ana' })
  await prepare(replica)
  await store.close()
  const db = openSqlite(path, SQLITE_MIGRATIONS)
  change(db.raw)
  db.close()
  const opened = await openExperimentationStore(`sqlite:${path}`)
  onTestFinished(() => opened.close())
  return opened
}

async function problemsAfter(sql: string) {
  const store = await tampered((db) => db.exec(sql))
  return (await verifyAudit(store)).problems.map(({ sequence, subject, message }) => {
    const where = [sequence, subject].filter((part) => part !== null)
    return `${where.join(' ')}: ${message}`
  })
}

test('what was written by the service is intact, also after its signing key was rotated twice', async () => {
  const store = await openTestStore()
  await startExperiment(await startTestReplica(store))
  for (const keyId of ['second', 'third']) {
    await createSnapshotService({
      ...createSigner({ ...signing, keyId }),
      store,
      clock: fixedClock(NOON),
      log: silentLog,
      metrics: createMetrics({ service: 'experimentation' }),
    }).start()
  }
  expect(await verifyAudit(store)).toEqual({ entries: 6, problems: [] })
  expect(await problemsAfter('SELECT 1')).toEqual([])
})

test('a rotation that was removed or changed is found like any other entry', async () => {
  const rotate = async (replica: Replica) => {
    await createSnapshotService({
      ...createSigner({ ...signing, keyId: 'second' }),
      store: replica.store,
      clock: fixedClock(NOON),
      log: silentLog,
      metrics: createMetrics({ service: 'experimentation' }),
    }).start()
  }
  const sql = `UPDATE audit SET body = replace(body, '"second"', '"other"') WHERE sequence = 8`
  const store = await tampered((db) => db.exec(sql), rotate)
  expect((await verifyAudit(store)).problems).toMatchObject([{ sequence: 8, subject: 'snapshot' }])
})

test('an older version of a metric that was changed or removed is found', async () => {
  expect(
    await problemsAfter(`UPDATE metrics SET body = json_set(body, '$.versions[0].windowHours', 8000)`),
  ).toEqual(['metric:plays: version 1: what is stored differs from the log in: windowHours'])
  expect(await problemsAfter(`UPDATE metrics SET body = json_remove(body, '$.versions[0]')`)).toEqual([
    'metric:plays: its searched columns differ from its content in: version',
    'metric:plays: version 1: what is stored differs from the log in: version, windowHours',
  ])
})

test('what is stored beside a text, to search by, is compared with it', async () => {
  expect(await problemsAfter(`UPDATE experiments SET status = 'ARCHIVED', owner = 'eve'`)).toEqual([
    'experiment:mix: its searched columns differ from its content in: owner, status',
  ])
  expect(await problemsAfter(`UPDATE audit SET author = 'bob', subject = 'x' WHERE sequence = 7`)).toEqual([
    '7 experiment:mix: its searched columns differ from its content in: author, subject',
  ])
  expect(await problemsAfter('UPDATE audit SET at = 9223372036854775807 WHERE sequence = 7')).toEqual([
    '7 experiment:mix: its searched columns differ from its content in: at',
  ])
  expect(await problemsAfter('UPDATE metrics SET version = 1')).toEqual([
    'metric:plays: its searched columns differ from its content in: version',
  ])
})

test('texts that cannot be read are reported where they are', async () => {
  expect(await problemsAfter(`UPDATE audit SET body = '{' WHERE sequence = 7`)).toEqual([
    '7: the entry cannot be read',
    expect.stringMatching(/^experiment:mix: it is stored at revision 5, but the log ends at 4/),
  ])
  expect(
    await problemsAfter(`UPDATE audit SET body = json_set(body, '$.at', 1e17) WHERE sequence = 7`),
  ).toEqual([
    expect.stringMatching(/^7 experiment:mix: it cannot be verified: /),
    expect.stringMatching(/^7 .* differ from its content in: at$/),
    expect.anything(),
  ])
  for (const table of ['experiments', 'metrics']) {
    const problems = await problemsAfter(`UPDATE ${table} SET body = '[]'`)
    expect(problems[0]).toMatch(/: what is stored cannot be read$/)
  }
  expect(await problemsAfter(`UPDATE snapshots SET body = '{}' WHERE version = 3`)).toEqual([
    'snapshot: the newest one cannot be read',
  ])
})

test('a sequence in the text leads no page astray', async () => {
  const many = async (replica: Replica) => {
    for (let index = 0; index < 201; index++) await defineMetric(replica, `m${index}`, 24)
  }
  const store = await tampered(
    (db) => db.exec(`UPDATE audit SET body = json_set(body, '$.sequence', 0) WHERE sequence = 200`),
    many,
  )
  const { entries, problems } = await verifyAudit(store)
  expect(entries).toBe(208)
  expect(new Set(problems.map(({ sequence }) => sequence))).toEqual(new Set([200]))
})

test('a newest snapshot that does not show what is stored is found, and replaced at the next start', async () => {
  const store = await tampered((db) => db.exec('DELETE FROM snapshots WHERE version = 3'))
  expect((await verifyAudit(store)).problems).toMatchObject([
    {
      sequence: null,
      subject: 'snapshot',
      message: expect.stringMatching(/^the newest one, 2, does not show/),
    },
  ])
  const { snapshots } = await startTestReplica(store)
  expect(snapshots.current().snapshot.experiments).toMatchObject([{ key: 'mix', status: 'PAUSED' }])
  expect(await verifyAudit(store)).toEqual({ entries: 8, problems: [] })
})
