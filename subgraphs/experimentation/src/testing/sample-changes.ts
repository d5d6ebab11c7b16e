import type { AssignmentSnapshot } from '@bulkhead/contracts'
import type { ChangeBatch, ChangeHead, ExperimentationStore } from '../datastore/port.ts'
import {
  type AuditEntry,
  type AuditHead,
  experimentChanges,
  experimentSubject,
  nextEntry,
} from '../domain/audit/entry.ts'
import type { Experiment } from '../domain/experiment.ts'
import { NOON } from './samples.ts'

/** The next entry about an experiment. */
export function sampleEntry(
  head: AuditHead,
  after: Experiment,
  before: Experiment | null = null,
): AuditEntry {
  return nextEntry(head, {
    at: Math.max(NOON, head.at),
    by: 'ana',
    action: before === null ? 'createExperiment' : 'updateExperiment',
    subject: experimentSubject(after.key),
    reason: 'test',
    ...experimentChanges(before, after),
  })
}

/** A batch of one change of one experiment on this head. */
export function sampleBatch(
  expected: ChangeHead,
  change: {
    readonly after: Experiment
    readonly before?: Experiment
    readonly snapshot?: AssignmentSnapshot
  },
): ChangeBatch {
  const { after, before = null, snapshot = null } = change
  return {
    expected,
    entries: [sampleEntry(expected, after, before)],
    experiments: [{ experiment: after, expectedRevision: before?.revision ?? 0 }],
    metrics: [],
    definitions: [],
    snapshot,
  }
}

/** Stores new experiments as they are, whatever their status, in one batch. */
export async function storeExperiments(
  store: Pick<ExperimentationStore, 'changeHead' | 'commit'>,
  experiments: readonly Experiment[],
): Promise<void> {
  const expected = await store.changeHead()
  const entries: AuditEntry[] = []
  for (const experiment of experiments) entries.push(sampleEntry(entries.at(-1) ?? expected, experiment))
  const outcome = await store.commit({
    expected,
    entries,
    experiments: experiments.map((experiment) => ({ experiment, expectedRevision: 0 })),
    metrics: [],
    definitions: [],
    snapshot: null,
  })
  if (outcome !== 'committed') throw new Error('the samples are there already')
}
