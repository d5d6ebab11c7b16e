import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ListedExperiment } from '../api/list-experiments.ts'

/** Experiments as a person reads them in a terminal. */
export function experimentList(experiments: readonly ListedExperiment[]): string {
  if (experiments.length === 0) return 'No experiments.'
  return formatTable(
    ['experiment', 'status', 'revision', 'version', 'owner', 'created', 'started', 'stopped', 'name'],
    experiments.map(({ key, status, revision, version, owner, createdAt, startedAt, stoppedAt, name }) => [
      plainText(key),
      status,
      String(revision),
      String(version),
      plainText(owner),
      ...[createdAt, startedAt, stoppedAt].map((time) => time?.slice(0, 10) ?? '-'),
      plainText(name),
    ]),
  )
}
