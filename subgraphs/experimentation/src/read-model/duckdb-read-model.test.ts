import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExposureEvent, InteractionEvent } from '@bulkhead/contracts'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KnownErasure, PositionedEvent } from '../datastore/port.ts'
import { unitHash } from '../domain/erasure.ts'
import { type StoredEvent, toStoredEvent } from '../domain/stored-event.ts'
import { sampleMetric } from '../testing/sample-metrics.ts'
import { HOUR, NOON, sampleExposure, sampleInteraction } from '../testing/samples.ts'
import { openReadModel } from './duckdb-read-model.ts'
import {
  ReadModelBehindError,
  ReadModelDamagedError,
  ReadModelGapError,
  ReadModelLockedError,
  SumOverflowError,
} from './errors.ts'
import type { ReadModel, SumsQuery } from './port.ts'
import { referenceSums } from './testing/reference.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-read-model-'))
  path = join(folder, 'analysis.duckdb')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function positioned(events: readonly StoredEvent[], first = 1): PositionedEvent[] {
  return events.map((event, index) => ({
    event,
    producer: 'p',
    recordedAt: NOON + 100 * HOUR,
    position: first + index,
  }))
}

function exposure(overrides: Partial<ExposureEvent>): StoredEvent {
  return toStoredEvent(sampleExposure(overrides))
}

function play(overrides: Partial<InteractionEvent>): StoredEvent {
  return toStoredEvent(sampleInteraction({ type: 'PLAY', ...overrides }))
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

const LOG = positioned([
  exposure({ unit: 'u1', variantKey: 'control', attributes: { country: 'de' } }),
  exposure({ unit: 'u2', variantKey: 'treatment', attributes: { country: 'fr' } }),
  play({ unit: 'u1', value: 1.5, occurredAt: instant(NOON) }),
  play({ unit: 'u1', value: 2, occurredAt: instant(NOON + HOUR) }),
  play({ unit: 'u2', value: null, occurredAt: instant(NOON + HOUR), attributes: { category: 'jazz' } }),
])
const QUERY = sampleSumsQuery({ asOf: LOG.length })

async function feedAll(model: ReadModel, log: readonly PositionedEvent[]): Promise<void> {
  const through = log.at(-1)?.position ?? 0
  await model.feed({ after: await model.through(), through, events: log })
}

async function answers(model: ReadModel, query: SumsQuery = QUERY) {
  const { sql: _, ...sums } = await model.sums(query)
  return sums
}

async function withMemory<T>(work: (model: ReadModel) => Promise<T>): Promise<T> {
  const model = await openReadModel(':memory:')
  try {
    return await work(model)
  } finally {
    await model.close()
  }
}

describe('feeding', () => {
  test('a page that is fed again changes nothing, and one that overlaps adds what is new', () =>
    withMemory(async (model) => {
      await model.feed({ after: 0, through: 3, events: LOG.slice(0, 3) })
      await model.feed({ after: 0, through: 3, events: LOG.slice(0, 3) })
      expect(await model.through()).toBe(3)
      await model.feed({ after: 1, through: 5, events: LOG.slice(1) })
      await model.feed({ after: 0, through: 5, events: LOG })
      expect(await model.through()).toBe(5)
      expect(await answers(model)).toEqual(referenceSums(LOG, QUERY))
    }))

  test('a page without events moves the position', () =>
    withMemory(async (model) => {
      await model.feed({ after: 0, through: 7, events: [] })
      expect(await model.through()).toBe(7)
    }))

  test('a page after a gap is refused, and nothing of it is kept', () =>
    withMemory(async (model) => {
      await model.feed({ after: 0, through: 2, events: LOG.slice(0, 2) })
      const late = { after: 3, through: 5, events: LOG.slice(3) }
      await expect(model.feed(late)).rejects.toBeInstanceOf(ReadModelGapError)
      expect(await model.through()).toBe(2)
    }))

  test('a page with an event that cannot be stored is taken in in no part, and the next one is', () =>
    withMemory(async (model) => {
      const [, , third] = LOG
      if (third === undefined) throw new Error('there is one')
      const broken = { ...third, event: { ...third.event, unit: null } } as unknown as PositionedEvent
      const page = { after: 0, through: 3, events: [...LOG.slice(0, 2), broken] }
      await expect(model.feed(page)).rejects.toThrow()
      expect(await model.through()).toBe(0)
      await feedAll(model, LOG)
      expect(await answers(model)).toEqual(referenceSums(LOG, QUERY))
    }))

  test('an event outside of its page is refused', () =>
    withMemory(async (model) => {
      await expect(model.feed({ after: 0, through: 3, events: LOG })).rejects.toBeInstanceOf(RangeError)
    }))
})

describe('sums', () => {
  test('are of one moment, whatever is fed and erased meanwhile', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      const asked = Array.from({ length: 4 }, () => answers(model))
      const erased = model.erase(new Map([['u1', NOON + HOUR]]))
      const after = erased.then(() => answers(model))
      await model.feed({ after: 5, through: 9, events: positioned([exposure({ unit: 'u3' })], 6) })
      const expected = referenceSums(LOG, QUERY)
      for (const answer of await Promise.all(asked)) expect(answer).toEqual(expected)
      const rest = LOG.filter(({ event }) => !('unit' in event && event.unit === 'u1'))
      expect(await after).toEqual(referenceSums(rest, QUERY))
    }))

  test('a position that is not read yet is no answer', () =>
    withMemory(async (model) => {
      await expect(model.sums(QUERY)).rejects.toBeInstanceOf(ReadModelBehindError)
    }))

  test('what was asked at once is answered one after the other, each as if it were alone', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      const queries = [QUERY, sampleSumsQuery({ asOf: 2 }), sampleSumsQuery({ asOf: 5, segment: 'country' })]
      const sums = await Promise.all(queries.map((query) => answers(model, query)))
      expect(sums).toEqual(queries.map((query) => referenceSums(LOG, query)))
    }))

  test('they say which statements ran, and no text of the query is in them', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      const { sql } = await model.sums(
        sampleSumsQuery({ asOf: 5, segment: 'country', excludedUnits: ['u9'] }),
      )
      const all = sql.join('\n')
      expect(all).toContain('from units')
      for (const text of ['PLAY', 'mix', 'control', 'u9', 'country', 'jazz']) expect(all).not.toContain(text)
    }))

  test.each([
    ['a square', [10_000_000_000_000_000_000n], 1],
    ['a sum of squares that still fits into 128 bits', [8_000_000_000_000_000_000n], 2],
    ['a sum of squares that does not', [9_000_000_000_000_000_000n], 5],
  ])('%s with more than 38 digits is an error', (_, values, units) =>
    withMemory(async (model) => {
      const names = Array.from({ length: units }, (_, index) => `u${index}`)
      const events = names.flatMap((unit) => [
        exposure({ unit }),
        ...values.flatMap((value) => halves(value).map((half) => ({ ...play({ unit }), value: half }))),
      ])
      const log = positioned(events as StoredEvent[])
      await feedAll(model, log)
      const query = sampleSumsQuery({ asOf: log.length, metrics: [sampleMetric({ kind: 'MEAN' })] })
      expect(() => referenceSums(log, query)).toThrow(SumOverflowError)
      await expect(model.sums(query)).rejects.toBeInstanceOf(SumOverflowError)
      // The next query is answered as if nothing had been.
      const counts = sampleSumsQuery({ asOf: log.length, metrics: [sampleMetric({ kind: 'COUNT' })] })
      expect(await answers(model, counts)).toEqual(referenceSums(log, counts))
    }),
  )
})

/** Each half fits into 64 bits. */
function halves(value: bigint): bigint[] {
  return [value / 2n, value - value / 2n]
}

describe('erasing', () => {
  test('takes what occurred to a unit up to the instant, and its attributes with their last row', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      await model.erase(
        new Map([
          ['u1', NOON],
          ['u2', NOON + HOUR],
        ]),
      )
      const rest = LOG.filter(({ position }) => position === 4)
      expect(await answers(model)).toEqual(referenceSums(rest, QUERY))
      expect(await model.through()).toBe(5)
      const again = positioned([exposure({ unit: 'u1', attributes: { country: 'de' } })], 6)
      await model.feed({ after: 5, through: 6, events: again })
      const query = sampleSumsQuery({ asOf: 6, segment: 'country' })
      expect(await answers(model, query)).toEqual(referenceSums([...rest, ...again], query))
    }))
})

describe('erasures of the log', () => {
  const erasure = (unit: string, done: boolean, recordedAt: number): KnownErasure => ({
    ...{ unitHash: unitHash(unit), occurredAt: NOON + 10 * HOUR },
    ...{ recordedAt, done },
  })
  const unitsOf = async (model: ReadModel, asOf: number) =>
    (await answers(model, sampleSumsQuery({ asOf }))).units.reduce((sum, { units }) => sum + units, 0n)

  test('are carried out when they are known, and once more when the log is done with them', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      await model.eraseKnown({ erasures: [], at: NOON })
      expect(await unitsOf(model, 5)).toBe(2n)
      const waiting = [erasure('u1', false, NOON - HOUR)]
      await model.eraseKnown({ erasures: waiting, at: NOON })
      expect(await unitsOf(model, 5)).toBe(1n)
      // It is asked for until it is done.
      expect(await model.erasuresRead()).toEqual({ from: NOON - 2 * HOUR, at: NOON })
      // Read before the log was done, and fed afterwards.
      await model.feed({ after: 5, through: 6, events: positioned([exposure({ unit: 'u1' })], 6) })
      await model.eraseKnown({ erasures: waiting, at: NOON })
      expect(await unitsOf(model, 6)).toBe(2n)
      await model.eraseKnown({ erasures: waiting, at: NOON, again: true })
      expect(await unitsOf(model, 6)).toBe(1n)
      await model.feed({ after: 6, through: 7, events: positioned([exposure({ unit: 'u1' })], 7) })
      await model.eraseKnown({ erasures: [erasure('u1', true, NOON - HOUR)], at: NOON + HOUR })
      expect(await unitsOf(model, 7)).toBe(1n)
      expect(await model.erasuresRead()).toEqual({ from: NOON, at: NOON + HOUR })
    }))

  test('that are known are not carried out again, and others still are', () =>
    withMemory(async (model) => {
      await feedAll(model, LOG)
      const done = erasure('u1', true, NOON)
      await model.eraseKnown({ erasures: [done], at: NOON })
      await model.feed({ after: 5, through: 6, events: positioned([exposure({ unit: 'u1' })], 6) })
      await model.eraseKnown({ erasures: [done, erasure('u2', false, NOON)], at: NOON })
      const rest = positioned([exposure({ unit: 'u1' })], 6)
      const query = sampleSumsQuery({ asOf: 6 })
      expect(await answers(model, query)).toEqual(referenceSums(rest, query))
    }))
})

describe('the file', () => {
  async function fill(): Promise<void> {
    const model = await openReadModel(path)
    await feedAll(model, LOG)
    await model.close()
  }

  test('keeps what was fed', async () => {
    await fill()
    const model = await openReadModel(path)
    expect(await answers(model)).toEqual(referenceSums(LOG, QUERY))
    await model.close()
  })

  test.each([
    ['is garbage', () => writeFileSync(path, 'garbage'.repeat(10_000))],
    ['is empty', () => truncateSync(path, 0)],
    ['was cut within its headers', () => truncateSync(path, 5_000)],
    ['was cut within its blocks', () => truncateSync(path, statSync(path).size - 100_000)],
    [
      'is gone, but its log of writes is not',
      () => {
        writeFileSync(`${path}.wal`, readFileSync(path))
        rmSync(path)
      },
    ],
    ['is of another version', () => change('update progress set schema = 0')],
    ['is of another datastore', () => change("update progress set log = 'other'")],
    ['has no position', () => change('delete from progress')],
    ['is somebody else’s', () => change('drop table progress')],
  ])('that %s begins anew, and is right once it is fed', async (_, damage) => {
    await fill()
    await damage()
    const model = await openReadModel(path)
    expect(await model.through()).toBe(0)
    await feedAll(model, LOG)
    expect(await answers(model)).toEqual(referenceSums(LOG, QUERY))
    await model.close()
  })

  test('whose log of writes is garbage is what it was before them', async () => {
    await fill()
    writeFileSync(`${path}.wal`, 'garbage'.repeat(1_000))
    const model = await openReadModel(path)
    await feedAll(model, LOG)
    expect(await answers(model)).toEqual(referenceSums(LOG, QUERY))
    await model.close()
  })

  async function change(sql: string): Promise<void> {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run(sql)
    connection.closeSync()
    instance.closeSync()
  }

  test('with bytes that have changed anywhere gives the right answer or none, and begins anew after it', async () => {
    await fill()
    const whole = readFileSync(path)
    const expected = referenceSums(LOG, QUERY)
    let damaged = 0
    for (let offset = 0; offset < whole.length; offset += Math.ceil(whole.length / 12)) {
      const changed = Buffer.from(whole)
      changed.fill(0xa5, offset, offset + 3_000)
      writeFileSync(path, changed)
      const model = await openReadModel(path)
      const answer = await answers(model).catch((error: unknown) => error)
      await model.close()
      if (answer instanceof ReadModelDamagedError) {
        damaged += 1
        const next = await openReadModel(path)
        expect(await next.through()).toBe(0)
        await next.close()
      } else if (!(answer instanceof ReadModelBehindError)) expect(answer).toEqual(expected)
    }
    expect(damaged).toBeGreaterThan(0)
  })

  test('is gone once it is discarded', async () => {
    await fill()
    const model = await openReadModel(path)
    await model.discard()
    expect([existsSync(path), existsSync(`${path}.lock`)]).toEqual([false, false])
  })

  test('that is open is refused to others, and is free afterwards', async () => {
    const model = await openReadModel(path)
    await expect(openReadModel(path)).rejects.toBeInstanceOf(ReadModelLockedError)
    await feedAll(model, LOG)
    await model.close()
    await model.close()
    expect(existsSync(`${path}.lock`)).toBe(false)
    await expect(model.through()).rejects.toThrow('closed')
    const next = await openReadModel(path)
    expect(await next.through()).toBe(5)
    await next.close()
  })

  test.each([
    ['a process that is gone', '999999999 1'],
    ['an earlier process of the same number', `${process.pid} 1`],
    ['nobody that can be read', ''],
  ])('whose lock is of %s can be opened', async (_, holder) => {
    writeFileSync(`${path}.lock`, holder)
    const model = await openReadModel(path)
    await expect(openReadModel(path)).rejects.toBeInstanceOf(ReadModelLockedError)
    await model.close()
  })

  test('whose lock is of a living process is refused', async () => {
    writeFileSync(`${path}.lock`, `${process.ppid} 1`)
    await expect(openReadModel(path)).rejects.toBeInstanceOf(ReadModelLockedError)
    expect(existsSync(`${path}.lock`)).toBe(true)
  })
})
