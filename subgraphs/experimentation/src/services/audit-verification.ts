import type { ExperimentationStore } from '../datastore/port.ts'
import { SNAPSHOT_SUBJECT } from '../domain/audit/entry.ts'
import type { StoredRecord } from '../domain/audit/stored-record.ts'
import { type AuditProblem, createAuditVerifier, type StoredSubject } from '../domain/audit/verify.ts'
import type { Experiment } from '../domain/experiment.ts'
import { showsExperiments } from '../domain/publishing.ts'
import { type Targeting, toTargeting } from '../domain/targeting/definitions.ts'
import { verifyDecisions } from './analyses/verify-decisions.ts'

const PAGE = 200
/** How often what is stored is read again, where changes arrive meanwhile. */
const MAX_READINGS = 20

export type AuditVerification = {
  /** How many entries the log has. */
  readonly entries: number
  /** In the order of the log; empty where it is intact. */
  readonly problems: readonly AuditProblem[]
}

type VerifiedStore = Pick<
  ExperimentationStore,
  | 'auditRecords'
  | 'experimentRecords'
  | 'metricRecords'
  | 'latestSnapshot'
  | 'targetingDefinitions'
  | 'bootstrapRecords'
  | 'findAnalyses'
  | 'ping'
>

/**
 * Replays the whole audit log and compares its end with every experiment, metric, layer, holdout and saved group that is
 * stored, and with the newest snapshot, and looks at the analyses that decisions name. Only reads, and may run beside a service that writes.
 * @throws Error if changes arrive so fast that the log and what is stored are never at the same point
 */
export async function verifyAudit(store: VerifiedStore): Promise<AuditVerification> {
  const verifier = createAuditVerifier()

  /** Returns how many were new. */
  function readToEnd(): Promise<number> {
    return allAfter(verifier.end(), store.auditRecords, ({ key, value, differing }) =>
      verifier.add({ sequence: key, entry: value, differing }),
    )
  }

  await readToEnd()
  for (let reading = 0; reading < MAX_READINGS; reading++) {
    const experiments: StoredRecord<string, Experiment>[] = []
    await allAfter(null, store.experimentRecords, (record) => experiments.push(record))
    const stored: StoredSubject[] = experiments.map((record) => ({ type: 'experiment', ...record }))
    await allAfter(null, store.metricRecords, ({ value, ...record }) =>
      stored.push({ type: 'metric', value: value?.versions ?? null, ...record }),
    )
    const definitions = await store.targetingDefinitions()
    for (const { kind, value } of definitions) {
      stored.push({ type: kind, key: value.key, value, differing: [] })
    }
    for (const record of await store.bootstrapRecords()) stored.push({ type: 'bootstrap', ...record })
    const readable = experiments.flatMap(({ value }) => value ?? [])
    const snapshot = await checkSnapshot(store, readable, toTargeting(definitions))
    const analyses = await verifyDecisions(store, readable)
    // Every change adds an entry: without a new one, all of this is as it was at the end of the log.
    if ((await readToEnd()) > 0) continue
    return { entries: verifier.end(), problems: [...verifier.finish(stored), ...snapshot, ...analyses] }
  }
  throw new Error('changes arrive faster than they can be verified: verify a copy, or at a quieter time')
}

/** Reads page after page, by the keys that the rows are stored under, so that no text can lead it astray. */
async function allAfter<Key extends string | number, Value>(
  start: Key | null,
  readPage: (page: { limit: number; after: Key | null }) => Promise<readonly StoredRecord<Key, Value>[]>,
  take: (record: StoredRecord<Key, Value>) => void,
): Promise<number> {
  let count = 0
  for (let after = start; ; ) {
    const records = await readPage({ limit: PAGE, after })
    for (const record of records) take(record)
    count += records.length
    const last = records.at(-1)
    if (last === undefined || records.length < PAGE) return count
    if (after !== null && last.key <= after) throw new Error(`the rows after ${after} cannot be told apart`)
    after = last.key
  }
}

/** Its signature is not checked here, which needs the key: the service does it at its start, and each subscriber. */
async function checkSnapshot(
  store: Pick<ExperimentationStore, 'latestSnapshot' | 'ping'>,
  experiments: readonly Experiment[],
  targeting: Targeting,
): Promise<readonly AuditProblem[]> {
  const problem = (message: string) => [{ sequence: null, subject: SNAPSHOT_SUBJECT, message }]
  try {
    const newest = await store.latestSnapshot()
    if (newest === null || showsExperiments(newest, experiments, targeting)) return []
    return problem(
      `the newest one, ${newest.version}, does not show the experiments as they are stored; at its start the service publishes what is stored`,
    )
  } catch {
    // Rejects where it is the datastore that does not answer.
    await store.ping()
    return problem('the newest one cannot be read')
  }
}
