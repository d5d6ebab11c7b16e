import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { PositionedEvent } from '../../datastore/port.ts'
import { exportEvents } from '../export/exporter.ts'
import type { SumsQuery } from '../port.ts'
import { caseArbitrary } from '../testing/arbitraries.ts'
import { createLogStore } from '../testing/log-store.ts'
import { referenceSums } from '../testing/reference.ts'
import { describeOnSpark } from '../testing/spark.ts'
import { sumsOutcome } from '../testing/sums-outcome.ts'
import { openSparkSession, type SparkSession } from './spark-session.ts'
import { createSparkSums } from './spark-sums.ts'

/** Each takes a minute; 12 and more for a soak. */
const CASES = Number(env.SPARK_RUNS ?? 3)

async function exported(log: readonly PositionedEvent[], head: number, positionsPerRange: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const manifest = await exportEvents({
    store: createLogStore(log, head),
    folder,
    format: 'parquet',
    archive: null,
    clock: { now: () => 0 },
    limit: 7,
    positionsPerRange,
    onProgress: () => undefined,
  })
  return { folder, manifest }
}

describeOnSpark('the sums of an export', env.TEST_SPARK_SQL, (command) => {
  let session: SparkSession
  beforeAll(async () => {
    session = await openSparkSession(command)
  }, 180_000)
  afterAll(() => session?.close(), 60_000)

  async function onSpark(log: readonly PositionedEvent[], query: SumsQuery, perRange: number) {
    const head = Math.max(query.asOf, log.at(-1)?.position ?? 0)
    const { folder, manifest } = await exported(log, head, perRange)
    const sums = createSparkSums({ session, folder, manifest })
    const result = await sumsOutcome(() => sums(query))
    expect(readdirSync(folder).filter((name) => name.startsWith('.spark'))).toEqual([])
    return result
  }

  test('are on Spark those of a reference in plain TypeScript, to the digit, and overflow alike', async () => {
    const cases = fc.sample(caseArbitrary, { numRuns: 400, seed: 7 })
    const expected = await Promise.all(
      cases.map(({ log, query }) => sumsOutcome(() => referenceSums(log, query))),
    )
    // Those with most in them, and some that overflow.
    const size = (index: number) => JSON.stringify(expected[index], (_, v) => `${v}`)?.length ?? 0
    const indexes = cases.map((_, index) => index).sort((a, b) => size(b) - size(a))
    const overflowing = indexes.filter((index) => typeof expected[index] === 'string').slice(0, 1)
    expect(overflowing).toHaveLength(1)
    for (const index of [...indexes.slice(0, CASES - 1), ...overflowing]) {
      const { log, query, pageSize } = cases[index] ?? expect.fail('no case')
      expect(await onSpark(log, query, pageSize)).toEqual(expected[index])
    }
  }, 1_800_000)
})
