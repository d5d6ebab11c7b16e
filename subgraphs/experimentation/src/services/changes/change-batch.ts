import { MAX_SNAPSHOT_BYTES } from '@bulkhead/contracts'
import type { ChangeBatch, ChangeHead } from '../../datastore/port.ts'
import {
  type AuditEntry,
  type AuditHead,
  experimentChanges,
  experimentSubject,
  metricChanges,
  metricSubject,
  nextEntry,
} from '../../domain/audit/entry.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { findParameterConflicts } from '../../domain/parameter-conflicts.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import {
  altersAssignment,
  isListed,
  listedBytes,
  MAX_LISTED_EXPERIMENTS,
  nextSnapshot,
} from '../../domain/publishing.ts'
import type { ExperimentRefusal } from '../../domain/refusals.ts'
import type { SignSnapshot } from '../snapshot-service.ts'
import type { Change, ChangeOutcome, ChangeState } from './change.ts'

/** How far changes may fill a snapshot; the rest is for a longer version or key id, which nobody could be refused for. */
const FILLED_SNAPSHOT_BYTES = MAX_SNAPSHOT_BYTES - 2 * 1024

/** What is stored, as far as the changes of a batch need it. */
export type StoredState = {
  readonly head: ChangeHead
  /** Every experiment that the snapshot lists. */
  readonly listed: ReadonlyMap<string, Experiment>
  readonly experiments: ReadonlyMap<string, Experiment>
  /** The newest version of each. */
  readonly metrics: ReadonlyMap<string, MetricDefinition>
}

export type BatchInProgress = {
  /** Decides one change on the result of those before it. */
  add(change: Change): ChangeOutcome
  /** What there is to store, signed; null where every change was refused. */
  finish(): ChangeBatch | null
  /** The state after what `finish` returned was stored. */
  after(): Pick<StoredState, 'head' | 'listed'>
}

/** @param options.now epoch milliseconds */
export function beginBatch(
  stored: StoredState,
  options: { readonly now: number; readonly sign: SignSnapshot },
): BatchInProgress {
  const at = Math.max(options.now, stored.head.at)
  const experiments = new Map(stored.experiments)
  const metrics = new Map(stored.metrics)
  const listed = new Map(stored.listed)
  const entries: AuditEntry[] = []
  const changedKeys = new Set<string>()
  const newMetrics: MetricDefinition[] = []
  let head: AuditHead = stored.head
  let needsSnapshot = false

  const state: ChangeState = {
    experiment: (key) => experiments.get(key),
    metric: (key) => metrics.get(key),
    at,
  }

  const unsignedSnapshot = (listing: readonly Experiment[]) =>
    nextSnapshot({ version: stored.head.snapshotVersion }, listing, at)

  /** Octets of the snapshot that lists these experiments. */
  function snapshotBytes(listing: ReadonlyMap<string, Experiment>): number {
    let bytes = listing.size === 0 ? 0 : -1
    for (const experiment of listing.values()) bytes += listedBytes(experiment)
    return bytes + Buffer.byteLength(JSON.stringify(options.sign(unsignedSnapshot([]))))
  }

  function refuseListing(before: Experiment | undefined, after: Experiment): ExperimentRefusal | null {
    const wasListed = before !== undefined && isListed(before)
    if (!isListed(after)) return null
    // Whoever switches off or stops what is listed takes nothing that others could have.
    if (wasListed && after.status !== 'RUNNING' && after.status !== before.status) return null
    const others = new Map(listed)
    others.delete(after.key)
    if (!wasListed && others.size >= MAX_LISTED_EXPERIMENTS) {
      return { type: 'snapshot-full', limit: MAX_LISTED_EXPERIMENTS }
    }
    const conflicts = findParameterConflicts(after, [...others.values()])
    if (conflicts !== null) return conflicts
    if (wasListed && listedBytes(after) <= listedBytes(before)) return null
    const bytes = snapshotBytes(others.set(after.key, after))
    return bytes > FILLED_SNAPSHOT_BYTES
      ? { type: 'snapshot-too-large', bytes, limit: FILLED_SNAPSHOT_BYTES }
      : null
  }

  function record(change: Change, facts: Pick<AuditEntry, 'subject' | 'before' | 'after'>): void {
    const entry = nextEntry(head, {
      at,
      by: change.by,
      action: change.action,
      reason: change.reason,
      ...facts,
    })
    entries.push(entry)
    head = entry
  }

  function changeExperiment(change: Change, after: Experiment): ExperimentRefusal | null {
    const before = experiments.get(after.key)
    if (altersAssignment(before ?? null, after)) {
      const refusal = refuseListing(before, after)
      if (refusal !== null) return refusal
      needsSnapshot = true
    }
    experiments.set(after.key, after)
    changedKeys.add(after.key)
    if (isListed(after)) listed.set(after.key, after)
    else listed.delete(after.key)
    const subject = experimentSubject(after.key)
    record(change, { subject, ...experimentChanges(before ?? null, after) })
    return null
  }

  return {
    add(change) {
      const outcome = change.decide(state)
      if (outcome.type === 'changed') {
        const refusal = changeExperiment(change, outcome.experiment)
        if (refusal !== null) return { type: 'refused', refusal }
      } else if (outcome.type === 'defined') {
        const { metric } = outcome
        const before = metrics.get(metric.key) ?? null
        record(change, { subject: metricSubject(metric.key), ...metricChanges(before, metric) })
        metrics.set(metric.key, metric)
        newMetrics.push(metric)
      }
      return outcome
    },

    finish() {
      if (entries.length === 0) return null
      return {
        expected: stored.head,
        entries,
        experiments: [...changedKeys].flatMap((key) => {
          const experiment = experiments.get(key)
          const expectedRevision = stored.experiments.get(key)?.revision ?? 0
          return experiment === undefined ? [] : [{ experiment, expectedRevision }]
        }),
        metrics: newMetrics,
        snapshot: needsSnapshot ? options.sign(unsignedSnapshot([...listed.values()])) : null,
      }
    },

    after() {
      const { sequence, hash, at: headAt } = head
      const snapshotVersion = stored.head.snapshotVersion + (needsSnapshot ? 1 : 0)
      return { head: { sequence, hash, at: headAt, snapshotVersion }, listed }
    },
  }
}
