import { createHash, type KeyObject } from 'node:crypto'
import { type AssignmentSnapshot, readSnapshot, type UnsignedSnapshot } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { LRUCache } from 'lru-cache'
import type { ExperimentationStore, ModelDecisionStore } from '../datastore/port.ts'
import { nextEntry, SNAPSHOT_SUBJECT, SYSTEM } from '../domain/audit/entry.ts'
import {
  hasSameDecisions,
  isListed,
  MAX_FILLED_BYTES,
  nextSnapshot,
  showsExperiments,
  withinBytes,
} from '../domain/publishing.ts'
import { toTargeting } from '../domain/targeting/definitions.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import { readModelDecisions } from './decisions/model-decisions.ts'

export type SignSnapshot = (unsigned: UnsignedSnapshot) => AssignmentSnapshot

/** A snapshot with its HTTP body and entity tag, which are computed only once. */
export type PublishedSnapshot = {
  readonly snapshot: AssignmentSnapshot
  /** JSON text. */
  readonly body: string
  /** Strong entity tag, quotes included: equal tags mean equal bytes. */
  readonly etag: string
}

export type SnapshotService = {
  /**
   * Loads the newest snapshot. Publishes one if the datastore has none yet, if the newest is signed under another key id
   * than this service's, or if it does not show the experiments and decisions as they are stored. Resolves when `current`
   * can answer.
   * @throws StartupError if the newest is signed with another key under the same id
   */
  start(): Promise<void>
  /** The newest snapshot that this replica knows, from memory. */
  current(): PublishedSnapshot
  /** Checks whether another replica has published. One cheap round trip if none has. */
  refresh(): Promise<void>
  /** Takes in a snapshot that this replica has just published. */
  accept(snapshot: AssignmentSnapshot): void
  /** Published snapshots by version, one round trip for those not in memory; unknown versions are left out. */
  byVersions(versions: readonly number[]): Promise<ReadonlyMap<number, PublishedSnapshot>>
}

export type SnapshotServiceOptions = {
  readonly store: Pick<
    ExperimentationStore,
    | 'assigningExperiments'
    | 'targetingDefinitions'
    | 'changeHead'
    | 'latestSnapshot'
    | 'snapshotsByVersions'
    | 'commit'
  > &
    ModelDecisionStore
  readonly sign: SignSnapshot
  /** The public keys of what this service signs with, by key id. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Slates that clients still show ask for older versions. A few are enough. */
const CACHED_SNAPSHOTS = 32
/** A large one takes 16 MiB, so their number alone would not bound the memory. */
const CACHED_BYTES = 64 * 1024 * 1024
const START_ATTEMPTS = 5

export function createSnapshotService(options: SnapshotServiceOptions): SnapshotService {
  const { store, sign, clock, log } = options
  const versionGauge = options.metrics.gauge({
    name: 'bulkhead_snapshot_version',
    help: 'Version of the newest snapshot that this replica serves',
  })
  const cache = new LRUCache<number, PublishedSnapshot>({
    max: CACHED_SNAPSHOTS,
    maxSize: CACHED_BYTES,
    sizeCalculation: ({ body }) => body.length,
  })
  let newest: PublishedSnapshot | null = null

  function accept(snapshot: AssignmentSnapshot): void {
    if (newest !== null && snapshot.version <= newest.snapshot.version) return
    newest = toPublished(snapshot)
    cache.set(snapshot.version, newest)
    versionGauge.set(snapshot.version)
    log.info({ snapshotVersion: snapshot.version }, 'serving snapshot')
  }

  function current(): PublishedSnapshot {
    if (newest === null) throw new Error('the snapshot service has not started')
    return newest
  }

  /** Null if another replica was faster. */
  async function publishUnchanged(): Promise<AssignmentSnapshot | null> {
    const expected = await store.changeHead()
    const previous = await store.latestSnapshot()
    if (previous !== null) refuseChangedKey(previous, options.publicKeys)
    const experiments = (await store.assigningExperiments()).filter(isListed)
    const targeting = toTargeting(await store.targetingDefinitions())
    const decisions = await readModelDecisions(store)
    for (const modelVersionId of decisions.unreadable) {
      log.error({ modelVersionId }, 'a bootstrap decision cannot be read, and is left out')
    }
    // While the newest snapshot is signed with the old key, no subscriber can remove that key.
    const isOwn = previous !== null && options.publicKeys.has(previous.keyId)
    const at = Math.max(clock.now(), expected.at)
    const wanted = nextSnapshot(previous, experiments, targeting, at, decisions)
    // Nobody could be refused here, and a start that fails would take everything away.
    const next = withinBytes(wanted, MAX_FILLED_BYTES)
    const leftOut = wanted.decisions.length - next.decisions.length
    if (leftOut > 0) log.error({ leftOut }, 'the snapshot has no room for the oldest decisions about models')
    const isCurrent = (snapshot: AssignmentSnapshot) =>
      showsExperiments(snapshot, experiments, targeting) && hasSameDecisions(snapshot, next)
    if (isOwn && isCurrent(previous)) return previous
    const snapshot = sign(next)
    const entries = previous === null ? [] : [nextEntry(expected, republishing(previous, snapshot, at))]
    const batch = { expected, entries, experiments: [], metrics: [], definitions: [], snapshot }
    return (await store.commit(batch)) === 'committed' ? snapshot : null
  }

  return {
    current,
    accept,
    async start() {
      for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        const snapshot = await publishUnchanged()
        if (snapshot !== null) return accept(snapshot)
      }
      throw serviceError(EXPERIMENTATION_ERRORS.PUBLISH_CONTENTION)
    },
    async refresh() {
      // Versions grow by one, so nothing is new if the next one does not exist.
      const { version } = current().snapshot
      const [next] = await store.snapshotsByVersions([version + 1])
      if (next === undefined) return
      const latest = await store.latestSnapshot()
      if (latest !== null) accept(latest)
    },
    async byVersions(versions) {
      const found = new Map<number, PublishedSnapshot>()
      const missing = new Set<number>()
      for (const version of versions) {
        const cached = newest?.snapshot.version === version ? newest : cache.get(version)
        if (cached === undefined) missing.add(version)
        else found.set(version, cached)
      }
      if (missing.size === 0) return found
      for (const snapshot of await store.snapshotsByVersions([...missing])) {
        const published = toPublished(snapshot)
        cache.set(snapshot.version, published)
        found.set(snapshot.version, published)
      }
      return found
    },
  }
}

/** The error for a version that was not published, or that no snapshot can have. */
export function unknownSnapshotVersion(version: number) {
  return serviceError(
    EXPERIMENTATION_ERRORS.UNKNOWN_SNAPSHOT_VERSION,
    `Snapshot ${version} has not been published: leave out the version to get the newest one.`,
  )
}

/**
 * A key id stands for one key: subscribers that know it refuse what another key has signed under the same id.
 * @throws Error for the operator, of one line
 */
function refuseChangedKey(newest: AssignmentSnapshot, publicKeys: ReadonlyMap<string, KeyObject>): void {
  const reading = readSnapshot(newest, publicKeys)
  if (reading.type === 'snapshot' || reading.code !== 'BAD_SIGNATURE') return
  const { version, keyId } = newest
  throw Object.assign(
    new Error(
      `snapshot ${version} in the datastore is not signed with the key that SNAPSHOT_SIGNING_KEY holds under the id "${keyId}": ` +
        'set the key that it was signed with, or give the new key an id of its own (SNAPSHOT_SIGNING_KEY_ID) and add it to SNAPSHOT_PUBLIC_KEYS of every subscriber first',
    ),
    { name: 'StartupError' },
  )
}

function republishing(previous: AssignmentSnapshot, next: AssignmentSnapshot, at: number) {
  const facts = { at, by: SYSTEM, subject: SNAPSHOT_SUBJECT }
  if (previous.keyId === next.keyId) {
    return {
      ...facts,
      action: 'publishSnapshot',
      before: { version: previous.version },
      after: { version: next.version },
      reason: 'The newest snapshot did not show the experiments and decisions as they are stored.',
    }
  }
  return {
    ...facts,
    action: 'changeSigningKey',
    before: { keyId: previous.keyId },
    after: { keyId: next.keyId },
    reason: 'The service was started with another signing key.',
  }
}

function toPublished(snapshot: AssignmentSnapshot): PublishedSnapshot {
  const body = JSON.stringify(snapshot)
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  return { snapshot, body, etag: `"${snapshot.version}-${hash}"` }
}
