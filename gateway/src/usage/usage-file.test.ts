import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openUsageFile } from './usage-file.ts'
import type { UsageRecord } from './usage-record.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-usage-'))
  path = join(folder, 'usage.jsonl')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function sampleRecord(sequence: number, replica = 'r1'): UsageRecord {
  return { type: 'unrecorded', replica, sequence, hour: '2026-01-01T00:00:00.000Z', count: 1 }
}

/** The file, written only when it is woken, or at its end. */
async function open() {
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  let records: UsageRecord[] = []
  const recorder = {
    take() {
      const taken = records
      records = []
      return taken
    },
  }
  const file = await openUsageFile({
    path,
    recorder,
    intervalMs: 3_600_000,
    clock: { now: () => 0 },
    log,
    metrics,
  })
  const outcome = async (name: string) =>
    (await metrics.registry.getSingleMetric('bulkhead_usage_records_total')?.get())?.values.find(
      ({ labels }) => labels.outcome === name,
    )?.value
  return { file, add: (...more: UsageRecord[]) => records.push(...more), lines, outcome }
}

function sequences(): readonly unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).sequence)
}

test('records are appended as lines, and the last ones when it stops', async () => {
  const { file, add, outcome } = await open()
  file.start()
  add(sampleRecord(1), sampleRecord(2))
  await file.wake()
  expect(sequences()).toEqual([1, 2])
  add(sampleRecord(3))
  await file.stop()
  expect(sequences()).toEqual([1, 2, 3])
  expect(readFileSync(path, 'utf8').endsWith('}\n')).toBe(true)
  expect(await outcome('written')).toBe(3)
})

test('what another process has left is kept, and a line that it did not end costs no other one', async () => {
  writeFileSync(path, `${JSON.stringify(sampleRecord(1, 'r0'))}\n{"type":"opera`)
  const { file, add } = await open()
  add(sampleRecord(2))
  await file.stop()
  const [one, torn, two, end] = readFileSync(path, 'utf8').split('\n')
  expect(JSON.parse(one ?? '').replica).toBe('r0')
  expect([torn, end]).toEqual(['{"type":"opera', ''])
  expect(JSON.parse(two ?? '').sequence).toBe(2)
})

test('a file that cannot be written for a while loses nothing, and the log says so once', async () => {
  const { file, add, lines } = await open()
  file.start()
  rmSync(path)
  mkdirSync(path)
  for (const sequence of [1, 2]) {
    add(sampleRecord(sequence))
    await file.wake()
  }
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', reason: 'EISDIR' })])
  rmSync(path, { recursive: true })
  await file.wake()
  expect(sequences()).toEqual([1, 2])
  await file.stop()
})

test('what waits is bounded, and what does not fit is counted as dropped', async () => {
  const { file, add, outcome } = await open()
  rmSync(path)
  mkdirSync(path)
  const long = { ...sampleRecord(1), replica: 'r'.repeat(1024 * 1024) }
  add(...Array.from({ length: 20 }, () => long))
  await file.stop()
  expect(await outcome('dropped')).toBe(5)
})

test('the file is rotated by renaming it', async () => {
  const { file, add } = await open()
  file.start()
  add(sampleRecord(1))
  await file.wake()
  renameSync(path, `${path}.1`)
  add(sampleRecord(2))
  await file.stop()
  expect(sequences()).toEqual([2])
})

test('a file that cannot be written stops the start, in words for an operator', async () => {
  path = join(folder, 'missing', 'usage.jsonl')
  await expect(open()).rejects.toThrow(
    /^USAGE_FILE cannot be written \(ENOENT.*set a file that this process may write$/,
  )
})
