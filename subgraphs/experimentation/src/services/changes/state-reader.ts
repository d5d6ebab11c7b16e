import type { ExperimentationStore, ModelDecisionStore } from '../../datastore/port.ts'
import {
  experimentSubject,
  isBootstrapSubject,
  isTargetingSubject,
  SNAPSHOT_SUBJECT,
} from '../../domain/audit/entry.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { isListed } from '../../domain/publishing.ts'
import { toTargeting } from '../../domain/targeting/definitions.ts'
import { readModelDecisions } from '../decisions/model-decisions.ts'
import type { Change } from './change.ts'
import type { StoredState } from './change-batch.ts'

type Known = Pick<StoredState, 'head' | 'listed' | 'targeting' | 'decisions'>

/** Upper bound on the entries of other replicas that are read to catch up; beyond it everything is read again. */
const MAX_CATCH_UP = 500
const SUBJECT_PREFIX = experimentSubject('')

export type StateReader = {
  /** What is stored: the newest state, or one that a commit will find outdated. */
  read(needs: readonly Change['needs'][]): Promise<StoredState>
  /** Takes over what this process has just stored, so that the next read does not load it. */
  remember(known: Known): void
  /** A commit on this state was a conflict: if the log has not grown, what is known is wrong and has to be read again. */
  doubt(): void
  forget(): void
}

/**
 * Reads the state that changes are decided on. The head of the audit log is read before all else: what is read later is
 * at least as new, and a commit is refused if the log has grown meanwhile. The listed experiments are kept in memory,
 * since a thousand of them take long to read; entries of other replicas say which to read again.
 */
export function createStateReader(
  store: Pick<
    ExperimentationStore,
    | 'changeHead'
    | 'experimentsByKeys'
    | 'assigningExperiments'
    | 'metricsByKeys'
    | 'targetingDefinitions'
    | 'findAuditEntries'
  > &
    ModelDecisionStore,
): StateReader {
  let known: Known | null = null
  let isDoubted = false

  /** What the log says has changed since what is known; null where everything has to be read. */
  async function changedSince(before: Known, head: StoredState['head']): Promise<ReadonlySet<string> | null> {
    if (head.sequence === before.head.sequence) {
      return head.snapshotVersion === before.head.snapshotVersion && !isDoubted ? new Set() : null
    }
    const { entries, hasMore } = await store.findAuditEntries({
      filter: {},
      after: before.head.sequence,
      limit: MAX_CATCH_UP,
    })
    if (hasMore) return null
    return new Set(entries.map(({ subject }) => subject))
  }

  /** @param versions further model versions to look up; null where no change asks for decisions, which may then be older */
  async function readKnown(head: StoredState['head'], versions: readonly string[] | null): Promise<Known> {
    const changed = known === null ? null : await changedSince(known, head)
    if (known === null || changed === null) {
      const listed = byKey((await store.assigningExperiments()).filter(isListed))
      const targeting = toTargeting(await store.targetingDefinitions())
      return { head, listed, targeting, decisions: await readModelDecisions(store, versions ?? []) }
    }
    const listed = new Map(known.listed)
    const keys = [...changed].flatMap((subject) =>
      subject.startsWith(SUBJECT_PREFIX) ? [subject.slice(SUBJECT_PREFIX.length)] : [],
    )
    for (const key of keys) listed.delete(key)
    for (const experiment of keys.length === 0 ? [] : await store.experimentsByKeys(keys)) {
      if (isListed(experiment)) listed.set(experiment.key, experiment)
    }
    const targeting = [...changed].some(isTargetingSubject)
      ? toTargeting(await store.targetingDefinitions())
      : known.targeting
    const isOutdated = versions !== null || [...changed].some(mayChangeDecisions)
    const decisions = isOutdated ? await readModelDecisions(store, versions ?? []) : known.decisions
    return { head, listed, targeting, decisions }
  }

  return {
    async read(needs) {
      const head = await store.changeHead()
      const asked = needs.flatMap(({ decisions }) => decisions ?? [])
      const versions = asked.flatMap(({ modelVersions }) => modelVersions)
      known = await readKnown(head, asked.length === 0 ? null : versions)
      const { listed, targeting, decisions } = known
      isDoubted = false
      const keys = new Set(needs.flatMap(({ experiments }) => experiments))
      const missing = [...keys].filter((key) => !listed.has(key))
      const experiments = byKey(missing.length === 0 ? [] : await store.experimentsByKeys(missing))
      for (const key of keys) {
        const experiment = listed.get(key)
        if (experiment !== undefined) experiments.set(key, experiment)
      }
      const metricKeys = [...new Set(needs.flatMap(({ metrics }) => metrics))]
      const found = metricKeys.length === 0 ? [] : await store.metricsByKeys(metricKeys)
      const metrics = new Map(
        found.flatMap(({ key, versions }) => {
          const newest = versions.at(-1)
          return newest === undefined ? [] : [[key, newest] as const]
        }),
      )
      return { head, listed, experiments, metrics, targeting, decisions }
    },
    remember(after) {
      known = after
    },
    doubt() {
      isDoubted = true
    },
    forget() {
      known = null
    },
  }
}

/** Whether a change of the subject may have changed which decisions a snapshot lists. */
function mayChangeDecisions(subject: string): boolean {
  return subject.startsWith(SUBJECT_PREFIX) || subject === SNAPSHOT_SUBJECT || isBootstrapSubject(subject)
}

function byKey(experiments: readonly Experiment[]): Map<string, Experiment> {
  return new Map(experiments.map((experiment) => [experiment.key, experiment]))
}
