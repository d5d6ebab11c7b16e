import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { KnownErasure, PositionedEvent } from '../../datastore/port.ts'
import { unitHash } from '../../domain/erasure.ts'
import { DAY, NOON, sampleExposure, sampleIncoming, sampleInteraction } from '../../testing/samples.ts'
import { openReadModel } from '../duckdb-read-model.ts'
import { EventsErasedError } from '../errors.ts'
import { createFollower } from '../follow.ts'
import type { SumsQuery } from '../port.ts'
import { TABLE_NAMES } from '../schema.ts'
import { caseArbitrary } from '../testing/arbitraries.ts'
import { createLogStore, type LogStore } from '../testing/log-store.ts'
import { referenceSums } from '../testing/reference.ts'
import { sampleSumsQuery } from '../testing/sample-queries.ts'
import { sumsOutcome } from '../testing/sums-outcome.ts'
import { type ExportOptions, exportEvents } from './exporter.ts'
import { beginWithExport, loadExport } from './load-export.ts'
import { type ExportFormat, FORMATS, filesOf, type Manifest, readExport } from './manifest.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function run(store: LogStore, folder: string, options: Partial<ExportOptions> = {}): Promise<Manifest> {
  return exportEvents({
    ...{ store, folder, format: 'parquet', archive: null, clock: { now: () => NOON }, limit: 5 },
    ...{ positionsPerRange: 10, onProgress: () => undefined },
    ...options,
  })
}

/** Of a read model that is made of the export, and of what is left in the log. */
async function sumsFrom(folder: string, store: LogStore, query: SumsQuery) {
  const model = await openReadModel(':memory:')
  try {
    await loadExport(model, folder, readExport(folder, 'log'))
    const follower = createFollower({ store, model, limit: 3 })
    while (await follower.step());
    return await sumsOutcome(() => model.sums(query))
  } finally {
    await model.close()
  }
}

function filesIn(folder: string): string[] {
  return TABLE_NAMES.flatMap((table) => {
    try {
      return readdirSync(join(folder, table)).map((name) => `${table}/${name}`)
    } catch {
      return []
    }
  }).sort()
}

function listed({ ranges }: Manifest): string[] {
  return ranges
    .flatMap(filesOf)
    .map(([, { name }]) => name)
    .sort()
}

/** Names that formats quote, escape, or take for nothing. */
const UNITS = [
  'u1',
  'u\u0000',
  '',
  ' ',
  '"',
  '""',
  ',',
  'a,b',
  '\\',
  'u\n1',
  'u\r\n1',
  "'",
  'null',
  'NULL',
  '\\N',
  'ü🎧',
  '{}',
  '\t',
]

function ugly(): PositionedEvent[] {
  return UNITS.flatMap((unit, index) => {
    const occurredAt = new Date(NOON).toISOString()
    const attributes = { note: `of "${unit}"\n`, number: index }
    const variantKey = index % 2 === 0 ? 'control' : 'treatment'
    const exposure = sampleExposure({ unit, variantKey, occurredAt, attributes, slateId: `s${index}` })
    const event = { eventId: `play-of-${index}`, type: 'PLAY', unit, occurredAt, attributes }
    const values = [index, null, -0.000001 * index, 999_999_999.999999]
    return [
      sampleIncoming(exposure),
      ...values.map((value, at) =>
        sampleIncoming(sampleInteraction({ ...event, eventId: `${event.eventId}-${at}`, value })),
      ),
    ]
  }).map((event, index) => ({ ...event, position: index + 1 }))
}

async function rowsOf(folder: string, manifest: Manifest): Promise<unknown> {
  const model = await openReadModel(':memory:')
  try {
    await loadExport(model, folder, manifest)
    const query = sampleSumsQuery({ asOf: manifest.through, segment: 'note', cutoff: NOON + DAY })
    return await sumsOutcome(() => model.sums(query))
  } finally {
    await model.close()
  }
}

describe.each(FORMATS)('an export as %s', (format: ExportFormat) => {
  test('gives back every text and number that was exported', async () => {
    const folder = temporaryFolder()
    const log = ugly()
    const manifest = await run(createLogStore(log), folder, { format, positionsPerRange: 20 })
    expect(manifest).toMatchObject({ through: log.length, format })
    expect(manifest.ranges.length).toBeGreaterThan(3)
    const query = sampleSumsQuery({ asOf: log.length, segment: 'note', cutoff: NOON + DAY })
    expect(await rowsOf(folder, manifest)).toEqual(await sumsOutcome(() => referenceSums(log, query)))
  })

  test('and what retention has left in the log are together everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        caseArbitrary,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async ({ log, query, pageSize }, share) => {
          const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-test-'))
          try {
            const head = Math.max(query.asOf, log.at(-1)?.position ?? 0)
            const middle = log[Math.floor(share * (log.length - 1))]?.position ?? head
            const part = log.filter(({ position }) => position <= middle)
            await run(createLogStore(part, middle), folder, { format, positionsPerRange: pageSize })
            const store = createLogStore(log, head)
            store.eraseUpTo(middle)
            const expected = await sumsOutcome(() => referenceSums(log, query))
            expect(await sumsFrom(folder, store, query)).toEqual(expected)
            await run(store, folder, { format, positionsPerRange: pageSize })
            store.eraseUpTo(head)
            expect(await sumsFrom(folder, store, query)).toEqual(expected)
          } finally {
            rmSync(folder, { recursive: true })
          }
        },
      ),
      { numRuns: 8 },
    )
  }, 120_000)
})

const PLAYS = Array.from({ length: 40 }, (_, index): PositionedEvent => {
  const event = sampleInteraction({
    ...{ eventId: `play-${index}-number`, type: 'PLAY', unit: `u${index % 8}` },
    occurredAt: new Date(NOON + index).toISOString(),
    attributes: { of: `u${index % 8}` },
  })
  return { ...sampleIncoming(event), position: index + 1 }
})

test('a second run goes on after the first, and changes no file', async () => {
  const folder = temporaryFolder()
  const first = await run(createLogStore(PLAYS.slice(0, 23)), folder)
  const bytes = listed(first).map((name) => readFileSync(join(folder, name)))
  const progress: number[] = []
  const second = await run(createLogStore(PLAYS), folder, {
    onProgress: (step) => step.type === 'exported' && progress.push(step.through),
  })
  expect(second.ranges.slice(0, first.ranges.length)).toEqual(first.ranges)
  expect(listed(first).map((name) => readFileSync(join(folder, name)))).toEqual(bytes)
  expect(progress).toEqual([33, 40])
  expect(second.ranges.map(({ after, through }) => [after, through])).toEqual([
    [0, 10],
    [10, 20],
    [20, 23],
    [23, 33],
    [33, 40],
  ])
  expect(filesIn(folder)).toEqual(listed(second))
  expect(await run(createLogStore(PLAYS), folder)).toEqual(second)
})

test('what a killed run has left behind is deleted', async () => {
  const folder = temporaryFolder()
  const manifest = await run(createLogStore(PLAYS), folder)
  writeFileSync(join(folder, 'interactions', '0000000000000041-0000000000000050.0.parquet'), 'half')
  writeFileSync(join(folder, 'manifest.json.new'), '{')
  await run(createLogStore(PLAYS), folder)
  expect(filesIn(folder)).toEqual(listed(manifest))
})

test('events that retention erased before they were exported are told to be missing', async () => {
  const folder = temporaryFolder()
  const store = createLogStore(PLAYS)
  store.eraseUpTo(25)
  const manifest = await run(store, folder)
  expect(manifest.ranges.map(({ after, through, missing }) => [after, through, missing])).toEqual([
    [0, 25, true],
    [25, 35, false],
    [35, 40, false],
  ])
  expect(manifest.completeFrom).toBeGreaterThan(NOON)
  const query = sampleSumsQuery({ asOf: 40 })
  await expect(sumsFrom(folder, store, query)).rejects.toThrow(EventsErasedError)
})

test.each(['absent', 'cut', 'changed'])('a file that is %s is found out', async (fault) => {
  const folder = temporaryFolder()
  const manifest = await run(createLogStore(PLAYS), folder)
  const path = join(folder, listed(manifest)[0] ?? '')
  const bytes = readFileSync(path)
  if (fault === 'absent') rmSync(path)
  if (fault === 'cut') writeFileSync(path, bytes.subarray(1))
  if (fault === 'changed') {
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }
  await expect(rowsOf(folder, manifest)).rejects.toMatchObject({ code: 'EXPORT_UNUSABLE' })
})

test('a file that is cut is found out before units are looked for in it', async () => {
  const folder = temporaryFolder()
  const store = createLogStore(PLAYS)
  const manifest = await run(store, folder)
  const path = join(folder, listed(manifest).find((name) => name.startsWith('interactions')) ?? '')
  writeFileSync(path, readFileSync(path).subarray(1))
  store.addErasures([erasure('u3', NOON + 19)])
  await expect(run(store, folder)).rejects.toMatchObject({ code: 'EXPORT_UNUSABLE' })
})

test('a folder with something else is left alone', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'thesis.txt'), 'mine')
  const store = createLogStore(PLAYS)
  await expect(run(store, folder)).rejects.toThrow('is not empty and holds no export')
  expect(readdirSync(folder)).toEqual(['thesis.txt'])
  const other = temporaryFolder()
  await run(store, other)
  await expect(run(store, other, { format: 'csv' })).rejects.toThrow('is an export as parquet')
  await expect(run({ ...store, logId: async () => 'b' }, other)).rejects.toThrow('another datastore')
  expect(() => readExport(other, 'b')).toThrow('another datastore')
  expect(() => readExport(join(other, 'none'), 'log')).toThrow('there is no export')
})

function erasure(unit: string, occurredAt: number, done = true): KnownErasure {
  return { unitHash: unitHash(unit), occurredAt, recordedAt: NOON + DAY, done }
}

describe.each(FORMATS)('erasing from an export as %s', (format) => {
  test('writes only the files again that hold the unit, and the manifest says so', async () => {
    const folder = temporaryFolder()
    const store = createLogStore(PLAYS)
    const before = await run(store, folder, { format })
    // The events 3, 11, 19 of u3; what came after the instant is somebody else's.
    store.addErasures([erasure('u3', NOON + 19)])
    const clock = { now: () => NOON + 2 * DAY }
    const after = await run(store, folder, { format, clock })
    expect(after.ranges.map(({ generation, erased, erasedAt }) => [generation, erased, erasedAt])).toEqual([
      [1, 1, clock.now()],
      [1, 2, clock.now()],
      [0, 0, null],
      [0, 0, null],
    ])
    expect(after.ranges.slice(2)).toEqual(before.ranges.slice(2))
    expect(filesIn(folder)).toEqual(listed(after))
    expect(listed(after).filter((name) => name.endsWith(`.1.${format}`))).toHaveLength(4)
    expect(await run(store, folder, { format, clock })).toEqual(after)
    expect(after.ranges.map(({ files }) => files.interactions?.rows)).toEqual([9, 8, 10, 10])
    if (format === 'parquet') return
    const textOf = (name: string) => readFileSync(join(folder, name), 'utf8')
    const texts = after.ranges.map((range) =>
      filesOf(range)
        .map(([, { name }]) => textOf(name))
        .join(''),
    )
    expect(texts.map((text) => text.includes('u3'))).toEqual([false, false, true, true])
  })
})

test('an erasure that still waits is applied again, because the log may still have had the unit', async () => {
  const folder = temporaryFolder()
  const store = createLogStore(PLAYS.slice(0, 20))
  store.addErasures([erasure('u3', NOON + 100, false)])
  const clock = { now: () => NOON + 5 * DAY }
  await run(store, folder, { clock })
  const later = createLogStore(PLAYS)
  later.addErasures([erasure('u3', NOON + 100)])
  const manifest = await run(later, folder, { clock })
  // Of the ranges that were there; what this run adds is for the next one.
  expect(manifest.ranges.map(({ erased }) => erased)).toEqual([1, 2, 0, 0])
})

test('a new read model begins with an export, unless units may have been erased that it still holds', async () => {
  const folder = temporaryFolder()
  await run(createLogStore(PLAYS), folder)
  const model = await openReadModel(':memory:')
  onTestFinished(() => model.close())
  const late = { folder, log: 'log', erasuresKnownFrom: NOON }
  await expect(beginWithExport(model, late)).rejects.toThrow('run export on it first')
  expect(await model.through()).toBe(0)
  const begin = { ...late, erasuresKnownFrom: NOON - DAY }
  await beginWithExport(model, begin)
  expect([await model.through(), await model.lastEvent()]).toMatchObject([40, { position: 40 }])
  // What came from the log is not replaced.
  rmSync(join(folder, 'manifest.json'))
  await beginWithExport(model, begin)
  expect(await model.through()).toBe(40)
})
