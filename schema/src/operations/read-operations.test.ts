import { operationUsage } from '@bulkhead/gateway/usage/operation-usage'
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { openWorkingTree } from '../inputs/folder-tree.ts'
import { sampleUsageRecord } from '../testing/sample-usage.ts'
import { testFolder } from '../testing/test-repository.ts'
import { readOperations } from './read-operations.ts'
import { sha256, signatureOf } from './signature.ts'

const TODAY = '2026-03-01'
const DAY_MS = 86_400_000

async function read(check: string, files: Readonly<Record<string, string>>) {
  const config = `subgraphs: { a: { schema: { file: a.graphql } } }\ncheck: { operations: { ${check} } }\n`
  const tree = openWorkingTree(testFolder({ 'supergraph.yaml': config, ...files }))
  return readOperations(await loadConfig('supergraph.yaml', tree), tree, TODAY)
}

function manifest(
  ...operations: readonly { readonly id: string; readonly name: string; readonly body: string }[]
) {
  const entries = operations.map((operation) => ({ ...operation, type: 'query' }))
  return JSON.stringify(
    { format: 'apollo-persisted-query-manifest', version: 1, operations: entries },
    null,
    2,
  )
}

function lines(...records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

/** A record for each of the days before today, the newest first. */
function daily(days: number, overrides: Parameters<typeof sampleUsageRecord>[0] = {}) {
  return Array.from({ length: days }, (_, index) => {
    const hour = new Date(Date.parse(TODAY) - index * DAY_MS).toISOString()
    return sampleUsageRecord({ sequence: index + 1, hour, lastSeen: hour, count: 100, ...overrides })
  })
}

async function recorded(...records: readonly unknown[]) {
  const { known, notes } = await read('usage: [u.jsonl]', { 'u.jsonl': lines(...records) })
  return { ...known.recorded, notes: notes.slice(1).join(' ') }
}

test('without any configured operations none are known, and that is said', async () => {
  const folder = testFolder({ 'supergraph.yaml': 'subgraphs: { a: { schema: { file: a.graphql } } }\n' })
  const tree = openWorkingTree(folder)
  const { known, notes } = await readOperations(await loadConfig('supergraph.yaml', tree), tree, TODAY)
  expect(known).toEqual({ operations: [], recorded: null })
  expect(notes).toEqual(['No operations are configured.'])
})

test('fragments are found in other files, and the one in the same file goes before', async () => {
  const { known, notes } = await read('documents: ["*.graphql"]', {
    'a.graphql': 'query A { ...Far ...Near }\nfragment Near on Query { mine }',
    'b.graphql': 'fragment Far on Query { ...Deep }\nfragment Near on Query { theirs }\nquery B { ...Near }',
    'c.graphql': 'fragment Deep on Query { deep }\nquery A { other }\n{ unnamed }',
  })
  const documents = Object.fromEntries(known.operations.map(({ name, document }) => [name ?? '', document]))
  expect(known.operations).toHaveLength(4)
  expect(documents.B).toBe('query B {\n  ...Near\n}\n\nfragment Near on Query {\n  theirs\n}')
  const first = known.operations.find(({ location }) => location?.file === 'a.graphql')
  expect(first?.document).toContain('mine')
  expect(first?.document).toContain('deep')
  expect(first?.document).not.toContain('theirs')
  expect(first).toMatchObject({ name: 'A', location: { line: 1, column: 1 }, usage: null })
  expect(notes).toEqual([
    'Operations: 4 from documents.',
    'Several operations are called A: a.graphql:1:1, c.graphql:2:1.',
  ])
})

test('the signature is the one that the gateway records', () => {
  const text = `query Q($w: W) { b: items(where: { text: "x", kinds: [A] }, first: 3) { id } a(w: $w) { ...F } }
    fragment F on Item { size(unit: CM) id }`
  const schema = buildSchema(`type Query { items(where: W, first: Int): Item a(w: W): Item }
    type Item { id: ID size(unit: U): Float } input W { text: String kinds: [K!] } enum K { A } enum U { CM }`)
  const document = parse(text)
  const [operation] = document.definitions
  const { signature, document: normalized } = operationUsage(
    document,
    operation as OperationDefinitionNode,
    schema,
  )
  expect(signatureOf(document)).toBe(signature)
  expect(signatureOf(parse(normalized))).toBe(signature)
})

test('what several sources know is one operation, with its usage', async () => {
  const { known, notes } = await read('documents: [a.graphql], manifests: [m.json], usage: [u.jsonl]', {
    'a.graphql': 'query One { one }\nquery Two { alias: two }',
    'm.json': manifest({ id: 'persisted', name: 'One', body: 'query One {\n one\n}' }),
    'u.jsonl': lines(
      sampleUsageRecord({ count: 3 }),
      sampleUsageRecord({ sequence: 2, count: 4, client: { name: null, version: null } }),
      sampleUsageRecord({ sequence: 3, document: 'query Three{three}', operationName: 'Three' }),
    ),
  })
  const found = known.operations.map(({ id, name, location, usage }) => [id, name, location?.file, usage])
  expect(found.find(([, name]) => name === 'One')).toEqual([
    'persisted',
    'One',
    'm.json',
    { count: 7, lastSeen: '2026-02-28T12:30:00.000Z', clients: ['unknown', 'web@1'] },
  ])
  expect(found.find(([, name]) => name === 'Two')).toEqual([
    sha256('query Two{two}'),
    'Two',
    'a.graphql',
    null,
  ])
  expect(found.find(([, name]) => name === 'Three')).toMatchObject([
    sha256('query Three{three}'),
    'Three',
    undefined,
    { count: 1 },
  ])
  expect(found).toHaveLength(3)
  expect(found.map(([id]) => id)).toEqual(found.map(([id]) => id).toSorted())
  expect(notes[0]).toBe('Operations: 2 from documents, 1 from manifests, 2 from recorded usage.')
})

test('documents that differ in what the signature leaves out are operations of their own, both with its usage', async () => {
  const { known } = await read('documents: [a.graphql, b.graphql], usage: [u.jsonl]', {
    'a.graphql': 'query One { one(where: { old: 1 }) }',
    'b.graphql': 'query One { one(where: { new: 1 }) }',
    'u.jsonl': lines(sampleUsageRecord({ document: 'query One{one(where:{})}' })),
  })
  expect(known.operations.map(({ usage }) => usage?.count)).toEqual([1, 1])
  expect(new Set(known.operations.map(({ id }) => id)).size).toBe(2)
})

test('an entry of a manifest stands where its id does', async () => {
  const { known } = await read('manifests: [m.json]', {
    'm.json': manifest(
      { id: 'b', name: 'A', body: 'query A { a }' },
      { id: 'a', name: 'B', body: 'query B { b }' },
    ),
  })
  expect(known.operations.map(({ id, location }) => [id, location?.line])).toEqual([
    ['a', 12],
    ['b', 6],
  ])
})

test('usage is added up over replicas, a record that was written twice counts once, old ones do not', async () => {
  const old = sampleUsageRecord({ sequence: 9, hour: '2026-01-29T23:00:00.000Z', count: 1_000_000 })
  const edge = sampleUsageRecord({ sequence: 8, hour: '2026-01-30T00:00:00.000Z', count: 10 })
  const one = sampleUsageRecord({ count: 5 })
  const other = sampleUsageRecord({ replica: 'r2', count: 7, lastSeen: '2026-02-28T12:59:00.000Z' })
  const { known } = await read('usage: ["*.jsonl"]', {
    'a.jsonl': lines(one, old, edge, one),
    'b.jsonl': lines(one, other),
  })
  expect(known.operations.map(({ usage }) => usage)).toEqual([
    { count: 22, lastSeen: '2026-02-28T12:59:00.000Z', clients: ['web@1'] },
  ])
  expect(known.recorded).toMatchObject({
    from: '2026-01-30T00:00:00.000Z',
    to: '2026-02-28T12:00:00.000Z',
    requests: 22,
  })
})

test('usage is enough with the least number of requests, without a long gap, and with nothing unrecorded', async () => {
  const all = daily(31)
  expect(await recorded(...all)).toMatchObject({ isEnough: true, requests: 3_100, notes: '' })
  expect(await recorded(...all.toSpliced(10, 3))).toMatchObject({ isEnough: true })
  expect(await recorded(...all.toSpliced(10, 4))).toMatchObject({
    isEnough: false,
    notes: 'Nothing counts as unused: there are no records from 2026-02-16 to 2026-02-19.',
  })
  // From before the window on, and until today.
  expect(await recorded(...all.slice(0, -4))).toMatchObject({ isEnough: false })
  expect(await recorded(...all.slice(4))).toMatchObject({ isEnough: false })
  expect(await recorded(...all.map((record) => ({ ...record, count: 1 })))).toMatchObject({
    isEnough: false,
    notes: expect.stringContaining('31 requests, and `least_requests` is 1000'),
  })
  const hour = '2026-02-28T12:00:00.000Z'
  expect(
    await recorded(...all, { type: 'unrecorded', replica: 'r3', sequence: 1, hour, count: 2 }),
  ).toMatchObject({
    isEnough: false,
    requests: 3_102,
    notes: expect.stringContaining('of 2 requests nothing but their number'),
  })
})

test('without records within the window nothing was recorded', async () => {
  const { known, notes } = await read('usage: [u.jsonl]', {
    'u.jsonl': lines(sampleUsageRecord({ hour: '2025-01-01T00:00:00.000Z' })),
  })
  expect(known).toEqual({ operations: [], recorded: null })
  expect(notes).toContain('No usage is recorded within the window, so nothing counts as unused.')
})

test('operations that are too long to be recorded whole are known by what they use', async () => {
  const long = sampleUsageRecord({
    document: null,
    signature: 'a'.repeat(64),
    count: 6,
    arguments: ['Query.one(id:)'],
    enumValues: ['Kind.A'],
  })
  const { known } = await read('usage: [u.jsonl]', {
    'u.jsonl': lines(long, { ...long, sequence: 2, count: 1 }),
  })
  expect(known.operations).toEqual([])
  expect(known.recorded?.coordinates).toEqual(
    new Map([
      ['Query.one', 7],
      ['Query.one(id:)', 7],
      ['Kind.A', 7],
    ]),
  )
})

test('a record that was cut off costs no other one, and unless it was written again nothing counts as unused', async () => {
  const all = daily(31).map((record) => JSON.stringify(record))
  const [line = ''] = all
  const usageOf = async (...written: readonly string[]) => {
    const { known, notes } = await read('usage: [u.jsonl]', { 'u.jsonl': written.join('\n') })
    return {
      isEnough: known.recorded?.isEnough,
      requests: known.recorded?.requests,
      notes: notes.slice(1).join(' '),
    }
  }
  const lost =
    'Nothing counts as unused: the record at u.jsonl:1:1 was cut off when its gateway was killed, so nobody knows what it counted.'
  expect(await usageOf(`{"type":"operation","replica":"r`, ...all)).toEqual({
    isEnough: false,
    requests: 3_100,
    notes: lost,
  })
  const other = line.replace('"sequence":1,', '"sequence":99,')
  expect(await usageOf(other.slice(0, 80), ...all)).toEqual({ isEnough: false, requests: 3_100, notes: lost })
  expect(await usageOf(...all, '{"ty')).toMatchObject({
    isEnough: false,
    notes: expect.stringContaining('u.jsonl:32:1'),
  })
  const old = other.replace(/"hour":"[^"]*"/, '"hour":"2026-01-29T23:00:00.000Z"')
  expect(await usageOf(old.slice(0, 200), ...all)).toEqual({ isEnough: true, requests: 3_100, notes: '' })
  // The gateway writes again what it could not write whole.
  expect(await usageOf(line.slice(0, 80), ...all)).toEqual({ isEnough: true, requests: 3_100, notes: '' })
  expect(await usageOf('{"ty', '{"type":"op', ...all)).toMatchObject({
    notes: expect.stringContaining(
      'the records at u.jsonl:1:1, u.jsonl:2:1 were cut off when their gateways were killed',
    ),
  })
})

test('records that claim to be one and differ are refused, with both places', async () => {
  const one = sampleUsageRecord({ document: 'query One{one}' })
  const other = sampleUsageRecord({ document: 'query Two{two}', operationName: 'Two' })
  const refused = (...records: readonly unknown[]) => expect(recorded(...records)).rejects
  await refused(one, other).toThrow(
    'u.jsonl:2:1: The record has the replica and sequence of another one, at u.jsonl:1:1. Expected: a number of its own for each record of a replica',
  )
  await refused(one, { ...one, count: 2 }).toThrow('u.jsonl:2:1: The record has the replica and sequence')
  await refused(one, { ...other, sequence: 2, signature: one.signature }).toThrow(
    'u.jsonl:2:1: The record has the signature of another document, at u.jsonl:1:1. Expected: in `signature` the SHA-256 of `document`',
  )
})

test('a document that is too long in one record only is known all the same', async () => {
  const whole = sampleUsageRecord({ sequence: 2 })
  const { known } = await read('usage: [u.jsonl]', {
    'u.jsonl': lines({ ...whole, sequence: 1, document: null }, whole),
  })
  expect(known.operations).toMatchObject([{ name: 'One', usage: { count: 2 } }])
})
