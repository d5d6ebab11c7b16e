import {
  type AuditEntry,
  type AuditHead,
  BASELINE_ACTION,
  EMPTY_LOG,
  experimentSubject,
  nextEntry,
  SYSTEM,
} from '../domain/audit/entry.ts'
import type { Experiment } from '../domain/experiment.ts'

/**
 * The beginning of the audit log of a datastore that an earlier release has filled: every experiment as it was found.
 * The same experiments give the same entries, so that replicas can migrate at the same time.
 * @param experiments ordered by key
 */
export function baselineEntries(experiments: readonly Experiment[]): readonly AuditEntry[] {
  const changes = experiments.flatMap(({ createdAt, history }) => [createdAt, ...history.map(({ at }) => at)])
  const at = changes.reduce((newest, change) => Math.max(newest, change), 0)
  const entries: AuditEntry[] = []
  let head: AuditHead = EMPTY_LOG
  for (const experiment of experiments) {
    const entry = nextEntry(head, {
      at,
      by: SYSTEM,
      action: BASELINE_ACTION,
      subject: experimentSubject(experiment.key),
      before: null,
      after: experiment,
      reason: 'It was stored before changes were audited.',
    })
    entries.push(entry)
    head = entry
  }
  return entries
}
