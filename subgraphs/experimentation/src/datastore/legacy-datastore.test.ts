import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { openMongo } from '@bulkhead/datastore/mongodb/open'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { verifyAudit } from '../services/audit-verification.ts'
import { NOON } from '../testing/samples.ts'
import { startTestReplica } from '../testing/test-app.ts'
import { MONGO_MIGRATIONS } from './mongodb/migrations.ts'
import { openExperimentationStore } from './open.ts'
import type { ExperimentationStore } from './port.ts'
import { SQLITE_MIGRATIONS } from './sqlite/migrations.ts'

/** As releases before the audit log stored them; never changed. */
function legacyExperiment(key: string, status: 'DRAFT' | 'RUNNING') {
  const startedAt = status === 'DRAFT' ? null : NOON - 5_000
  return {
    key,
    name: key,
    hypothesis: 'More is played.',
    owner: 'ana',
    status,
    revision: status === 'DRAFT' ? 1 : 2,
    version: 1,
    unitType: 'userId',
    surfaces: [key],
    coverage: 1,
    exposureTrigger: 'SERVE',
    variants: [
      { key: 'control', name: 'Control', weight: 0.5, payload: null, isControl: true },
      {
        key: 'treatment',
        name: 'Treatment',
        weight: 0.5,
        payload: { exploration: { epsilon: 0.1 } },
        isControl: false,
      },
    ],
    createdAt: NOON - 10_000,
    startedAt,
    stoppedAt: null,
    history: startedAt === null ? [] : [{ from: 'DRAFT', to: 'RUNNING', at: startedAt, reason: 'ready' }],
  }
}

const LEGACY = [legacyExperiment('draft', 'DRAFT'), legacyExperiment('running', 'RUNNING')]

/** Schema version 3 was the last without an audit log. */
const BEFORE = 3

async function expectGoverned(store: ExperimentationStore): Promise<void> {
  const { entries } = await store.findAuditEntries({ filter: {}, limit: 9, after: 0 })
  expect(entries.map(({ by, action, subject }) => [by, action, subject])).toEqual([
    ['experimentation', 'baseline', 'experiment:draft'],
    ['experimentation', 'baseline', 'experiment:running'],
  ])
  const { experiments, snapshots } = await startTestReplica(store)
  expect(snapshots.current().snapshot.experiments).toMatchObject([{ key: 'running', seed: 'running:v1' }])
  const [running] = await store.experimentsByKeys(['running'])
  expect(running).toMatchObject({ status: 'RUNNING', createdBy: 'unknown', metrics: [], reviews: [] })
  const facts = { reason: 'r', by: 'ana' }
  const edited = await experiments.edit({ key: 'running', revision: 2, edit: { coverage: 0.5 }, ...facts })
  expect(edited).toMatchObject({ experiment: { version: 2, versions: [{ version: 1 }, { version: 2 }] } })
  const paused = await experiments.step({ key: 'running', revision: 3, action: 'pause', ...facts })
  expect(paused).toMatchObject({ type: 'accepted' })
  const submitted = await experiments.step({ key: 'draft', revision: 1, action: 'submit', ...facts })
  expect(submitted).toMatchObject({ type: 'accepted' })
  expect(await verifyAudit(store)).toEqual({ entries: 5, problems: [] })
}

test('an SQLite datastore of an earlier release is audited from what was found there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-legacy-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'legacy.db')
  const db = openSqlite(path, SQLITE_MIGRATIONS.slice(0, BEFORE))
  const insert = db.raw.prepare(
    `INSERT INTO experiments (key, name_folded, owner, status, revision, created_at, started_at, model_version_ids, body)
      VALUES (?, ?, 'ana', ?, ?, ?, ?, '[]', ?)`,
  )
  for (const one of LEGACY) {
    const { key, status, revision, createdAt, startedAt } = one
    insert.run(key, key.toUpperCase(), status, revision, createdAt, startedAt, JSON.stringify(one))
  }
  db.close()
  const store = await openExperimentationStore(`sqlite:${path}`)
  onTestFinished(() => store.close())
  await expectGoverned(store)
})

describeOnMongo('a datastore of an earlier release', (mongo) => {
  test('is audited from what was found there, once, by replicas that migrate at the same time', async () => {
    const url = mongo().url('legacy')
    const before = await openMongo({
      url,
      database: mongoDatabase(url),
      migrations: MONGO_MIGRATIONS.slice(0, BEFORE),
    })
    await before.db.collection<{ _id: string }>('experiments').insertMany(
      LEGACY.map(({ key, status, revision, createdAt, startedAt, ...rest }) => ({
        _id: key,
        nameFolded: key.toUpperCase(),
        owner: 'ana',
        status,
        revision,
        createdAt,
        startedAt,
        modelVersionIds: [],
        body: JSON.stringify({ key, status, revision, createdAt, startedAt, ...rest }),
      })),
    )
    await before.close()
    const stores = await Promise.all([1, 2, 3].map(() => openExperimentationStore(url)))
    onTestFinished(async () => {
      for (const store of stores) await store.close()
    })
    const [store] = stores
    if (store === undefined) throw new Error('there are replicas')
    await expectGoverned(store)
  })
})
