import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import type { OperationUsage } from './operation-usage.ts'
import { type UsageRecord, usageRecordSchema } from './usage-record.ts'
import { createUsageRecorder, MAX_ENTRIES } from './usage-recorder.ts'
import { noCoordinates } from './used-coordinates.ts'

const HOUR = 3_600_000
const WEB = { name: 'web', version: '1' }

function operation(name: string, overrides: Partial<OperationUsage> = {}): OperationUsage {
  const used = noCoordinates()
  used.fields.add('Query.b').add('Query.a')
  return {
    signature: Buffer.from(name.padEnd(32, '-')).toString('hex').slice(0, 64),
    document: `query ${name}{a b}`,
    operationName: name,
    kind: 'query',
    used,
    ofVariables: null,
    ...overrides,
  }
}

function recording() {
  const time = { now: 10 * HOUR }
  const metrics = createMetrics({ service: 'test' })
  const recorder = createUsageRecorder({ clock: { now: () => time.now }, replica: 'r1', metrics })
  const record = (
    of: OperationUsage,
    client: { name: string | null; version: string | null } = WEB,
    hasErrors = false,
  ) => recorder.record(of, { client, variables: {}, hasErrors })
  function take() {
    const records = [...recorder.take()]
    for (const one of records) expect(usageRecordSchema.parse(one)).toEqual(one)
    return records
  }
  const unrecorded = async () =>
    (await metrics.registry.getSingleMetric('bulkhead_usage_unrecorded_total')?.get())?.values[0]?.value
  return { time, recorder, record, take, unrecorded }
}

test('requests are counted by operation, client and version, from the first to the last', () => {
  const { time, record, take } = recording()
  const home = operation('Home')
  record(home)
  time.now += 5_000
  record(home, WEB, true)
  record(home, { name: 'web', version: '2' })
  record(operation('Other'), { name: null, version: null })
  expect(take()).toEqual([
    {
      type: 'operation',
      replica: 'r1',
      sequence: 1,
      hour: '1970-01-01T10:00:00.000Z',
      signature: home.signature,
      document: 'query Home{a b}',
      operationName: 'Home',
      kind: 'query',
      client: { name: 'web', version: '1' },
      count: 2,
      errors: 1,
      firstSeen: '1970-01-01T10:00:00.000Z',
      lastSeen: '1970-01-01T10:00:05.000Z',
      fields: ['Query.a', 'Query.b'],
      arguments: [],
      inputFields: [],
      enumValues: [],
    },
    expect.objectContaining({ sequence: 2, client: { name: 'web', version: '2' }, count: 1, errors: 0 }),
    expect.objectContaining({ sequence: 3, client: { name: null, version: null }, count: 1 }),
  ])
})

test('each request is in exactly one record, so that counts can be added up', () => {
  const { time, record, take } = recording()
  const home = operation('Home')
  record(home)
  expect(take()).toMatchObject([{ count: 1, sequence: 1 }])
  expect(take()).toEqual([])
  time.now += 1_000
  record(home)
  record(home)
  expect(take()).toMatchObject([{ count: 2, sequence: 2, errors: 0, firstSeen: '1970-01-01T10:00:01.000Z' }])
})

test('a new hour begins new records, and those of the old one keep theirs', () => {
  const { time, record, take } = recording()
  const home = operation('Home')
  record(home)
  time.now += HOUR
  record(home)
  expect(take()).toMatchObject([
    { hour: '1970-01-01T10:00:00.000Z', count: 1 },
    { hour: '1970-01-01T11:00:00.000Z', count: 1 },
  ])
  record(home)
  time.now += HOUR
  expect(take()).toMatchObject([{ hour: '1970-01-01T11:00:00.000Z', count: 1 }])
})

test('documents with one signature are one operation that uses what each of them uses', () => {
  const { record, take } = recording()
  const used = noCoordinates()
  used.enumValues.add('Kind.A')
  record(operation('Home'))
  record(operation('Home', { used }))
  expect(take()).toMatchObject([{ count: 2, fields: ['Query.a', 'Query.b'], enumValues: ['Kind.A'] }])
})

test('an operation that is prepared again and again, because others push it out of the cache, takes no room from others', () => {
  const { record, take } = recording()
  for (let n = 0; n < 30; n += 1) record(operation('Long', { document: 'x'.repeat(1_000_000) }))
  record(operation('New'))
  expect(take()).toMatchObject([
    { operationName: 'Long', count: 30 },
    { operationName: 'New', count: 1 },
  ])
})

test('a new hour may begin while records are taken', () => {
  const { time, recorder, record } = recording()
  record(operation('One'))
  record(operation('Two'))
  const taken: UsageRecord[] = []
  for (const one of recorder.take()) {
    if (taken.length === 0) {
      time.now += HOUR
      record(operation('One'))
    }
    taken.push(one)
  }
  const names = (records: Iterable<UsageRecord>) =>
    [...records].map((one) => [
      one.hour.slice(11, 13),
      one.type === 'operation' && one.operationName,
      one.count,
    ])
  expect([...names(taken), ...names(recorder.take())]).toEqual([
    ['10', 'One', 1],
    ['10', 'Two', 1],
    ['11', 'One', 1],
  ])
})

test('what the values of variables use is added', () => {
  const { recorder, take } = recording()
  const home = operation('Home', { ofVariables: ({ kind }, used) => used.enumValues.add(`Kind.${kind}`) })
  for (const kind of ['B', 'A', 'B']) {
    recorder.record(home, { client: WEB, variables: { kind }, hasErrors: false })
  }
  expect(take()).toMatchObject([{ count: 3, enumValues: ['Kind.A', 'Kind.B'] }])
})

test('whatever clients invent, an hour has a bounded number of operations; the rest is counted, known ones go on', async () => {
  const { time, record, take, unrecorded } = recording()
  const first = operation('Home')
  record(first)
  for (let n = 0; n < MAX_ENTRIES + 100; n += 1)
    record(operation('Home'), { name: `invented ${n}`, version: null })
  record(first)
  const records = take()
  expect(records).toHaveLength(MAX_ENTRIES + 1)
  expect(records[0]).toMatchObject({ client: WEB, count: 2 })
  expect(records.at(-1)).toMatchObject({ type: 'unrecorded', hour: '1970-01-01T10:00:00.000Z', count: 101 })
  expect(await unrecorded()).toBe(101)
  time.now += HOUR
  record(operation('New'))
  expect(take()).toMatchObject([{ operationName: 'New', count: 1 }])
})

test('long documents are left out, and too many of them are only counted', () => {
  const { record, take } = recording()
  const long = 'x'.repeat(1_000_000)
  for (let n = 0; n < 20; n += 1) record(operation(`Long${n}`, { document: long }))
  const records = take()
  expect(records.at(-1)).toMatchObject({ type: 'unrecorded', count: 3 })
  expect(records.slice(0, -1).map((one) => one.type === 'operation' && one.document)).toEqual(
    Array.from({ length: 17 }, () => null),
  )
})
