import type { KeyObject } from 'node:crypto'
import { type AssignmentSnapshot, isPlainObject, readSnapshot } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { ExperimentationClient } from '../delivery/experimentation-client.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'

const JITTER = 0.2

export type SnapshotSubscriberOptions = {
  readonly store: Pick<PersonalizationStore, 'lastSnapshot' | 'keepSnapshot'>
  readonly client: Pick<ExperimentationClient, 'fetchSnapshot'>
  readonly holder: SnapshotHolder
  /** From the configuration, never from experimentation's answer. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  readonly intervalMs: number
}

/**
 * Fetches the newest snapshot that experimentation has published and signed. Only a verified snapshot with a higher
 * version replaces the current one; any other is counted and ignored. The last good one is kept in the datastore as it
 * was received, and is verified again when it is read back. No request waits for this worker, and it keeps running when
 * the datastore or experimentation is unreachable.
 */
export function createSnapshotSubscriber(options: SnapshotSubscriberOptions): Worker {
  const { client, holder, publicKeys, clock, random, log } = options
  const archive = createArchive(options)
  const fetchLog = createFailureLog({ log, clock, what: 'fetching the snapshot' })
  const refused = options.metrics.counter({
    name: 'bulkhead_snapshot_refused_total',
    help: 'Snapshots that were refused, by reason',
    labelNames: ['code'],
  })
  const failures = options.metrics.counter({
    name: 'bulkhead_snapshot_fetch_failures_total',
    help: 'Fetches of the snapshot that failed or got no usable answer',
  })
  let etag: string | null = null
  observe(options.metrics, holder, clock)

  /** The verified snapshot, or null; a refusal is logged once, not every interval. */
  function verify(raw: unknown, origin: string): AssignmentSnapshot | null {
    const reading = readSnapshot(raw, publicKeys)
    if (reading.type === 'snapshot') return reading.snapshot
    refused.inc({ code: reading.code })
    fetchLog.failed(reading.code, { detail: `${origin}: ${reading.message}` })
    return null
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const answer = await client.fetchSnapshot({ etag, signal })
    switch (answer.type) {
      case 'unavailable':
        if (answer.reason === 'STOPPED') return
        failures.inc()
        fetchLog.failed(answer.reason)
        return
      case 'unchanged':
        holder.confirm(clock.now())
        fetchLog.succeeded()
        return
      case 'snapshot': {
        const snapshot = verify(answer.raw, 'published')
        if (snapshot === null) return
        const held = holder.current()
        if (held !== null && snapshot.version < held.version) {
          refused.inc({ code: 'LOWER_VERSION' })
          fetchLog.failed('LOWER_VERSION')
          return
        }
        etag = answer.etag
        fetchLog.succeeded()
        holder.confirm(clock.now())
        if (holder.replace(snapshot)) log.info({ snapshotVersion: snapshot.version }, 'new snapshot')
        archive.offer(answer.raw, snapshot.version)
      }
    }
  }

  return createPeriodicWorker({
    name: 'snapshot-subscriber',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    log,
    random,
    async run(signal) {
      archive.recall((raw) => {
        const snapshot = verify(raw, 'kept')
        if (snapshot === null || !holder.replace(snapshot)) return
        log.info({ snapshotVersion: snapshot.version }, 'last-known-good snapshot loaded')
      })
      await poll(signal)
      archive.keep()
    },
  })
}

/**
 * The last-known-good snapshot in the datastore. Every call returns at once and one datastore operation runs at a
 * time, so that a datastore that hangs delays nothing else. What failed is tried again with the next call.
 */
function createArchive(options: Pick<SnapshotSubscriberOptions, 'store' | 'log' | 'clock'>) {
  const { store, log, clock } = options
  const archiveLog = createFailureLog({ log, clock, what: 'keeping the last-known-good snapshot' })
  let recalled = false
  let busy = false
  let offered: Readonly<Record<string, unknown>> & { readonly version: number } = { version: 0 }
  let keptVersion = 0

  function inBackground(work: () => Promise<void>): void {
    if (busy) return
    busy = true
    work()
      .then(
        () => archiveLog.succeeded(),
        (error: unknown) => archiveLog.failed('DATASTORE', { err: error }),
      )
      .finally(() => {
        busy = false
      })
  }

  return {
    recall(use: (raw: unknown) => void): void {
      if (recalled) return
      inBackground(async () => {
        const raw = await store.lastSnapshot()
        recalled = true
        if (raw !== null) use(raw)
      })
    },
    /**
     * @param raw as received, including fields that only a newer publisher knows, because the signature covers them
     *   too
     */
    offer(raw: unknown, version: number): void {
      if (version > offered.version && isPlainObject(raw)) offered = { ...raw, version }
    },
    keep(): void {
      if (offered.version <= keptVersion) return
      const { version } = offered
      const snapshot = offered
      inBackground(async () => {
        await store.keepSnapshot(snapshot)
        keptVersion = version
      })
    },
  }
}

function observe(metrics: Metrics, holder: SnapshotHolder, clock: Clock): void {
  metrics.gauge({
    name: 'bulkhead_snapshot_version',
    help: 'Version of the assignment snapshot that requests are evaluated against; 0 before the first',
    collect() {
      this.set(holder.current()?.version ?? 0)
    },
  })
  metrics.gauge({
    name: 'bulkhead_snapshot_age_seconds',
    help: 'Seconds since experimentation confirmed the snapshot held, or since it was published; NaN without one',
    collect() {
      const held = holder.current()
      if (held === null) return this.set(Number.NaN)
      const since = holder.confirmedAt() ?? Date.parse(held.publishedAt)
      this.set(Math.max(0, clock.now() - since) / 1_000)
    },
  })
}
