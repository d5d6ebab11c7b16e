import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'
import { MAX_FORMER_VERSIONS, pinnedVersionIds } from './model-loader.ts'

export type Retention = {
  /** How long slates are kept, milliseconds; 0 for ever. */
  readonly slatesMs: number
  /** How long dead letters are kept, milliseconds; 0 until there are too many. */
  readonly deadLettersMs: number
  /** How long the artefact of a version is kept once it is retired, milliseconds; 0 for ever. */
  readonly artefactsMs: number
  /** Upper bound on dead letters: the oldest go first. */
  readonly maxDeadLetters: number
}

const INTERVAL_MS = 60_000
const JITTER = 0.2
/** A snapshot that was confirmed longer ago may lack an experiment. */
const STALE_SNAPSHOT_MS = 60_000
/** Rows of one delete. */
const ROWS_PER_STEP = 500

/**
 * Deletes what is older than it is to be kept, in bounded steps, and counts the dead letters. Replicas may do so at the
 * same time. Events that are not delivered yet stay, and so do artefacts of versions that the current snapshot pins or
 * that may have to stand in for the one in production.
 */
export function createRetentionWorker(options: {
  readonly store: Pick<
    PersonalizationStore,
    'expireSlates' | 'expireDeadLetters' | 'deadLetterCount' | 'expireArtefact' | 'formerProductionVersions'
  >
  readonly snapshots: Pick<SnapshotHolder, 'current' | 'confirmedAt'>
  readonly retention: Retention
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, retention, snapshots, clock } = options
  const expired = options.metrics.counter({
    name: 'bulkhead_expired_total',
    help: 'What was deleted because of its age or number, by kind: slate, dead_letter or artefact',
    labelNames: ['kind'],
  })
  const deadLetters = options.metrics.gauge({
    name: 'bulkhead_dead_letters',
    help: 'Dead letters in the datastore when they were last counted, once a minute',
  })

  async function expireAll(
    kind: string,
    step: (limit: number) => Promise<number>,
    signal: AbortSignal,
  ): Promise<void> {
    for (let deleted = ROWS_PER_STEP; deleted === ROWS_PER_STEP && !signal.aborted; ) {
      deleted = await step(ROWS_PER_STEP)
      expired.inc({ kind }, deleted)
      await setImmediate()
    }
  }

  /** Nothing is from before the first instant. */
  const oldestKept = (ms: number): number => (ms === 0 ? Number.MIN_SAFE_INTEGER : clock.now() - ms)

  /** Without the newest snapshot nobody knows which versions experiments pin, so none goes. */
  async function expireArtefacts(signal: AbortSignal): Promise<void> {
    const snapshot = snapshots.current()
    const confirmedAt = snapshots.confirmedAt() ?? Number.NEGATIVE_INFINITY
    if (retention.artefactsMs === 0 || snapshot === null || clock.now() - confirmedAt > STALE_SNAPSHOT_MS)
      return
    const former = await store.formerProductionVersions(MAX_FORMER_VERSIONS)
    const keep = [...pinnedVersionIds(snapshot), ...former.map(({ id }) => id)]
    const query = { before: oldestKept(retention.artefactsMs), keep }
    while (!signal.aborted && (await store.expireArtefact(query))) expired.inc({ kind: 'artefact' })
  }

  return createPeriodicWorker({
    name: 'retention-worker',
    intervalMs: INTERVAL_MS,
    jitter: JITTER,
    async run(signal) {
      if (retention.slatesMs > 0) {
        const before = oldestKept(retention.slatesMs)
        await expireAll('slate', (limit) => store.expireSlates({ before, limit }), signal)
      }
      await expireArtefacts(signal)
      const before = oldestKept(retention.deadLettersMs)
      const keep = retention.maxDeadLetters
      await expireAll('dead_letter', (limit) => store.expireDeadLetters({ before, keep, limit }), signal)
      deadLetters.set(await store.deadLetterCount())
    },
    log: options.log,
    random: options.random,
  })
}
