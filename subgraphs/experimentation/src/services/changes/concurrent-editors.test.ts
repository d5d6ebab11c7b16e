import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openExperimentationStore } from '../../datastore/open.ts'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { AuditEntry } from '../../domain/audit/entry.ts'
import { sampleDraft } from '../../testing/samples.ts'
import { type Replica, startTestReplica } from '../../testing/test-app.ts'
import { verifyAudit } from '../audit-verification.ts'

const EDITORS = 200
const REPLICAS = 4

async function startReplicas(url: string): Promise<readonly Replica[]> {
  const replicas: Replica[] = []
  for (let index = 0; index < REPLICAS; index++) {
    const store = await openExperimentationStore(url)
    onTestFinished(() => store.close())
    // Without a quorum, so that a test of many starts is about starts.
    replicas.push(await startTestReplica(store, undefined, { quorum: 0 }))
  }
  return replicas
}

function replicaOf(replicas: readonly Replica[], index: number): Replica {
  const replica = replicas[index % replicas.length]
  if (replica === undefined) throw new Error('there is a replica')
  return replica
}

async function entriesOf(store: ExperimentationStore, action: string): Promise<readonly AuditEntry[]> {
  const { entries } = await store.findAuditEntries({ filter: { actions: [action] }, limit: 1_000, after: 0 })
  return entries
}

function describeEditors(urlOf: (database: string) => string): void {
  test('of one experiment: of those who send one revision one is accepted', { timeout: 60_000 }, async () => {
    const replicas = await startReplicas(urlOf('one_revision'))
    const [{ experiments, store }] = replicas as [Replica]
    await experiments.create(sampleDraft(), 'ana')
    const results = await Promise.all(
      Array.from({ length: EDITORS }, (_, index) =>
        replicaOf(replicas, index).experiments.edit({
          key: 'mix',
          revision: 1,
          edit: { name: `by ${index}` },
          reason: 'r',
          by: `editor-${index}`,
        }),
      ),
    )
    expect(results.filter(({ type }) => type === 'accepted')).toHaveLength(1)
    expect(await entriesOf(store, 'updateExperiment')).toHaveLength(1)
    expect(await verifyAudit(store)).toEqual({ entries: 2, problems: [] })
  })

  test('of one experiment: every accepted revision is in the audit log once', {
    timeout: 120_000,
  }, async () => {
    const replicas = await startReplicas(urlOf('one_experiment'))
    const [{ experiments, store }] = replicas as [Replica]
    await experiments.create(sampleDraft(), 'ana')

    /** Reads the revision again until the edit is accepted, as a person would. */
    async function edit(index: number): Promise<number> {
      const { experiments: own, store: reads } = replicaOf(replicas, index)
      for (;;) {
        const [stored] = await reads.experimentsByKeys(['mix'])
        const result = await own.edit({
          key: 'mix',
          revision: stored?.revision ?? 0,
          edit: { name: `by ${index}` },
          reason: 'r',
          by: `editor-${index}`,
        })
        if (result.type === 'accepted') return result.experiment.revision
        expect(result.refusal.type).toBe('revision-conflict')
      }
    }
    const accepted = await Promise.all(Array.from({ length: EDITORS }, (_, index) => edit(index)))
    const revisions = Array.from({ length: EDITORS }, (_, index) => index + 2)
    expect(accepted.toSorted((a, b) => a - b)).toEqual(revisions)
    const logged = (await entriesOf(store, 'updateExperiment')).map(({ after }) => after?.revision)
    expect(logged).toEqual(revisions)
    expect(await verifyAudit(store)).toEqual({ entries: EDITORS + 1, problems: [] })
  })

  test('of different experiments: none is refused, and each is published', { timeout: 60_000 }, async () => {
    const replicas = await startReplicas(urlOf('different'))
    const [{ store }] = replicas as [Replica]
    const keys = Array.from({ length: EDITORS }, (_, index) => `e${String(index).padStart(3, '0')}`)
    const created = await Promise.all(
      keys.map((key, index) =>
        replicaOf(replicas, index).experiments.create(sampleDraft({ key, surfaces: [key] }), 'ana'),
      ),
    )
    expect(created.filter(({ type }) => type === 'accepted')).toHaveLength(EDITORS)
    const started = await Promise.all(
      keys.map((key, index) =>
        replicaOf(replicas, index).experiments.step({
          key,
          action: 'start',
          revision: 1,
          reason: 'r',
          by: 'ana',
        }),
      ),
    )
    expect(started.filter(({ type }) => type === 'accepted')).toHaveLength(EDITORS)
    const snapshot = await store.latestSnapshot()
    expect(snapshot?.experiments.map(({ key }) => key)).toEqual(keys)
    // The first one is empty; changes that wait together make one.
    expect(snapshot?.version).toBeLessThan(EDITORS / 2)
    expect(await verifyAudit(store)).toEqual({ entries: 2 * EDITORS, problems: [] })
  })
}

describe('200 editors on sqlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-editors-'))
  describeEditors((database) => {
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return `sqlite:${join(folder, `${database}.db`)}`
  })
})

describeOnMongo('200 editors', (mongo) => {
  describeEditors((database) => mongo().url(database))
})
