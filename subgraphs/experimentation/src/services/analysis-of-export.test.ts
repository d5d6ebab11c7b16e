import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { createSlateId } from '@bulkhead/contracts'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { createMetrics } from '@bulkhead/service/metrics'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore, IncomingEvent } from '../datastore/port.ts'
import { positionAll } from '../datastore/testing/position-checks.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { type ExportSums, openExportSums } from '../read-model/export/export-sums.ts'
import { type ExportOptions, exportEvents } from '../read-model/export/exporter.ts'
import { createLogSums } from '../read-model/log-sums.ts'
import { openTemporaryReadModel } from '../read-model/temporary-read-model.ts'
import { describeOnSpark } from '../read-model/testing/spark.ts'
import { DAY, HOUR, NOON, sampleExposure, sampleIncoming, sampleInteraction } from '../testing/samples.ts'
import {
  fixedClock,
  openTestStore,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { createEventRetention } from '../workers/event-retention.ts'
import { createAnalysisService } from './analysis-service.ts'

const NOW = NOON + 3 * DAY

/** A metric of each kind, with filters, caps and history. */
const METRICS = [
  { key: 'buyers', name: 'Buyers', kind: 'PROPORTION', event: 'BUY' },
  { key: 'plays', name: 'Plays', kind: 'COUNT', event: 'PLAY', filter: { genre: 'jazz' } },
  { key: 'spent', name: 'Spent', kind: 'MEAN', event: 'BUY', cap: 12.345678 },
  { key: 'listened', name: 'Listened', kind: 'MEAN', event: 'PLAY', capPercentile: 0.95 },
  { key: 'basket', name: 'Basket', kind: 'RATIO', event: 'BUY', denominatorEvent: 'PLAY' },
  { key: 'median', name: 'Median', kind: 'QUANTILE', event: 'PLAY', quantile: 0.5 },
] as const

async function prepare(store: ExperimentationStore): Promise<void> {
  const replica = await startTestReplica(store)
  for (const metric of METRICS) {
    const defined = await replica.definitions.define(
      { windowHours: 24, lowerIsBetter: false, ...metric },
      'ana',
    )
    if (defined.type !== 'accepted') throw new Error(JSON.stringify(defined))
  }
  const roles = METRICS.map(({ key }) => ({ metricKey: key, role: 'DETERIORATION' }) as const)
  await startExperiment(replica, {
    metrics: [{ metricKey: 'listened', role: 'SUCCESS' }, ...roles],
    plan: { ...EMPTY_PLAN, plannedSampleSize: 100, cuped: true },
  })
}

function at(hours: number) {
  return { occurredAt: new Date(NOON + hours * HOUR).toISOString() }
}

function eventsOf(index: number): IncomingEvent[] {
  const unit = `unit "${index}" ü`
  const variantKey = index % 2 === 0 ? 'control' : 'treatment'
  const random = new TextEncoder().encode(`${index}`.padEnd(10)).slice(0, 10)
  const slateId = createSlateId({ unit, now: NOON, random })
  const attributes = index % 3 === 0 ? { genre: 'jazz' } : { genre: 'rock', note: `\\${index % 5}$` }
  const about = { unit, attributes }
  const events = [
    sampleExposure({ ...about, variantKey, slateId, ...at(1 + (index % 9) / 10) }),
    sampleInteraction({
      ...about,
      eventId: `before-${index}-played`,
      type: 'PLAY',
      value: index % 4,
      ...at(-5),
    }),
    sampleInteraction({
      ...about,
      eventId: `play-${index}-number`,
      type: 'PLAY',
      value: (index % 7) / 3,
      ...at(3),
    }),
    ...(index % 8 < 3
      ? [sampleInteraction({ ...about, eventId: `again-${index}-number`, type: 'PLAY', value: 1, ...at(5) })]
      : []),
    ...(index % 5 < 3
      ? [
          sampleInteraction({
            ...about,
            eventId: `buy-${index}-number`,
            type: 'BUY',
            value: index / 7,
            ...at(4),
          }),
        ]
      : []),
  ]
  return events.map((event) => sampleIncoming(event, NOON + (index < 90 ? 5 * HOUR : 2 * DAY)))
}

async function store(all: ExperimentationStore): Promise<void> {
  await prepare(all)
  for (let index = 0; index < 150; index += 10) {
    await all.ingest(Array.from({ length: 10 }, (_, at) => eventsOf(index + at)).flat())
    await positionAll(all)
  }
}

async function analysis(sums: ExportSums['sums'], from: ExperimentationStore) {
  const service = createAnalysisService({ store: from, sums, clock: fixedClock(NOW) })
  const asOf = await from.head()
  const result = await service.analyse({ experimentKey: 'mix', cutoff: NOW, asOf })
  if (result.type !== 'analysed') throw new Error(result.type)
  return result.analysis
}

function fromLog(log: ExperimentationStore) {
  return analysis(createLogSums({ store: log, openModel: openTemporaryReadModel, limit: 100 }), log)
}

async function fromExport(log: ExperimentationStore, folder: string, spark: readonly string[] | null = null) {
  const opened = await openExportSums({ store: log, log: await log.logId(), folder, spark, limit: 100 })
  try {
    return await analysis(opened.sums, log)
  } finally {
    await opened.close()
  }
}

async function exportTo(folder: string, log: ExperimentationStore, options: Partial<ExportOptions> = {}) {
  return exportEvents({
    ...{ store: log, folder, format: 'parquet', archive: 'main', clock: fixedClock(NOW), limit: 20 },
    ...{ positionsPerRange: 50, onProgress: () => undefined },
    ...options,
  })
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Erases everything that arrived before the last events, as far as it may. */
async function retain(log: ExperimentationStore): Promise<void> {
  const { position: from } = await log.countedThrough()
  const head = await log.head()
  await log.addCounts({ from, through: { position: head, asOf: NOW }, exposures: [] })
  const worker = createEventRetention({
    ...{ store: log, isFollowed: false, archive: 'main', clock: fixedClock(NOW), retentionMs: DAY },
    ...{
      random: { next: () => 0.5 },
      log: silentLog,
      metrics: createMetrics({ service: 'experimentation' }),
    },
  })
  worker.start()
  await worker.wake()
  await worker.stop()
}

async function keepsHash(log: ExperimentationStore): Promise<string> {
  onTestFinished(() => log.close())
  await store(log)
  const { hash, results, missing } = await fromLog(log)
  expect(missing).toEqual([])
  expect(results).toHaveLength(1 + METRICS.length)
  await retain(log)
  expect(await log.logStart()).toBe(0)
  const folder = temporaryFolder()
  await exportTo(folder, log)
  await retain(log)
  expect(await log.logStart()).toBeGreaterThan(100)
  expect((await fromExport(log, folder)).hash).toBe(hash)
  return hash
}

test('an analysis has the same hash from the export and the events that retention left, which waits for the export', async () => {
  await keepsHash(await openTestStore())
})

test('no other export takes the name of an archive', async () => {
  const log = await openTestStore()
  onTestFinished(() => log.close())
  await store(log)
  await exportTo(temporaryFolder(), log)
  await expect(exportTo(temporaryFolder(), log)).rejects.toThrow('the archive main is another export')
})

describeOnMongo('analyses of exports', (mongo) => {
  test('have the hash that they have on SQLite', async () => {
    const other = await openExperimentationStore(mongo().url('exports'))
    expect(await keepsHash(other)).toBe(await keepsHash(await openTestStore()))
  })
})

describeOnSpark('analyses', env.TEST_SPARK_SQL, (command) => {
  describe('of an export', () => {
    test('have on Spark the hash that they have on DuckDB', async () => {
      const log = await openTestStore()
      onTestFinished(() => log.close())
      await store(log)
      const folder = temporaryFolder()
      await exportTo(folder, log)
      const onSpark = await fromExport(log, folder, command)
      expect(onSpark.hash).toBe((await fromLog(log)).hash)
      expect(onSpark.units).toBe(150)
    }, 600_000)
  })
})
