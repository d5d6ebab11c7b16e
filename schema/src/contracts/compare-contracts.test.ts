import { describe, expect, test } from 'vitest'
import type { FileTree } from '../inputs/file-tree.ts'
import { CannotCheckError } from '../model/cannot-check.ts'
import { compareContracts } from './compare-contracts.ts'

type Files = Readonly<Record<string, string>>

function treeOf(files: Files, name = 'head'): FileTree {
  return {
    name,
    read: async (path) => (files[path] === undefined ? null : { path: `${name}:${path}`, text: files[path] }),
    list: async (pattern) =>
      Object.keys(files)
        .filter((path) => path.startsWith(pattern))
        .sort(),
  }
}

function compare(base: Files | null, head: Files, experiments: string | null = null) {
  return compareContracts(base && treeOf(base, 'base'), treeOf(head), {
    schemas: 'contracts/',
    experiments,
    locations: {
      schemas: { file: 'graph.yaml', line: 7, column: 14 },
      experiments: { file: 'graph.yaml', line: 8, column: 18 },
    },
  })
}

async function found(...given: Parameters<typeof compare>): Promise<string[]> {
  return (await compare(...given)).map(({ grade, code, message }) => `${grade} ${code} ${message}`)
}

const EVENT = 'contracts/event.schema.json'
const OPEN = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }

function file(schema: object, path = EVENT): Files {
  return { [path]: JSON.stringify(schema, null, 2) }
}

describe('compareContracts', () => {
  test('says nothing of what is the same, whatever its formatting', async () => {
    expect(await found(file(OPEN), { [EVENT]: JSON.stringify(OPEN) })).toEqual([])
  })

  test('says in which direction a change breaks', async () => {
    const required = {
      ...OPEN,
      properties: { ...OPEN.properties, at: { type: 'string' } },
      required: ['at', 'id'],
    }
    expect(await found(file(OPEN), file(required))).toEqual([
      'BREAKING OLD_MESSAGE_UNREADABLE A message of event by the old schema can be refused by a new reader at `at`: it is required, and can be left out by the sender.',
    ])
    expect(await found(file(required), file(OPEN))).toEqual([
      'BREAKING NEW_MESSAGE_UNREADABLE A message of event by the new schema can be refused by an old reader at `at`: it is required, and can be left out by the sender.',
    ])
  })

  test('says safe of what both sides read, and dangerous of what cannot be told', async () => {
    const optional = { ...OPEN, properties: { ...OPEN.properties, at: { type: 'string' } } }
    expect(await found(file(OPEN), file(optional))).toEqual([
      'SAFE CONTRACT_CHANGED The contract event changed, and old and new read each other.',
    ])
    const pattern = { ...OPEN, properties: { id: { type: 'string', not: { const: '' } } } }
    expect(await found(file(OPEN), file(pattern))).toEqual([
      'DANGEROUS OLD_MESSAGE_UNDECIDED A message of event by the old schema may be refused by a new reader at `id`: what `not` says cannot be compared.',
    ])
  })

  test('names the place in the head', async () => {
    const narrow = { ...OPEN, properties: { id: { type: 'integer' } } }
    const findings = await compare(file(OPEN), file(narrow))
    expect(findings.map(({ code, location }) => [code, location?.file, location?.line])).toEqual([
      ['NEW_MESSAGE_UNREADABLE', `head:${EVENT}`, 4],
      ['OLD_MESSAGE_UNREADABLE', `head:${EVENT}`, 4],
    ])
  })

  test('tells contracts that came and went, by their path where names repeat', async () => {
    expect(
      await found(file(OPEN), { ...file(OPEN), ...file(OPEN, 'contracts/v2/event.schema.json') }),
    ).toEqual(['SAFE CONTRACT_ADDED The contract contracts/v2/event.schema.json is new.'])
    expect(await found({ ...file(OPEN), ...file(OPEN, 'contracts/old.json') }, file(OPEN))).toEqual([
      'BREAKING CONTRACT_REMOVED The contract old is gone.',
    ])
  })

  test('calls it dangerous where the base cannot be read', async () => {
    expect(await found({ [EVENT]: '{' }, file(OPEN))).toEqual([
      expect.stringContaining('DANGEROUS OLD_CONTRACT_UNREADABLE'),
    ])
  })

  test.each<[string, Files, string]>([
    ['no file', {}, 'graph.yaml:7:14: The pattern "contracts/" of `check.contracts.schemas` matches no file'],
    ['no JSON', { [EVENT]: '{\n  "type": ]\n}' }, `head:${EVENT}:2:11: The file is not JSON`],
    ['no schema', { [EVENT]: '[]' }, `head:${EVENT}:1:1: The contract is no JSON Schema`],
    [
      'a wrong keyword',
      { [EVENT]: '{\n  "type": "text"\n}' },
      `head:${EVENT}:2:11: The contract is no JSON Schema`,
    ],
    [
      'another draft',
      { [EVENT]: '{\n"$schema": "http://json-schema.org/draft-04/schema#"}' },
      `head:${EVENT}:2:12: The draft`,
    ],
  ])('cannot check %s', async (_what, head, message) => {
    await expect(compare(null, head)).rejects.toThrow(CannotCheckError)
    await expect(compare(null, head)).rejects.toThrow(message)
  })
})

describe('payloads of running experiments', () => {
  const LIST = 'experiments.json'
  const entry = { experiment: 'home', variant: 'b', schema: EVENT, payload: { id: 'x' } }
  const withList = (list: unknown): Files => ({ ...file(OPEN), [LIST]: JSON.stringify(list, null, 2) })

  test('that fit are not mentioned', async () => {
    expect(await found(null, withList([entry]), LIST)).toEqual([])
  })

  test('that do not fit are errors, with the place in the list', async () => {
    const [finding, ...others] = await compare(
      null,
      withList([entry, { ...entry, variant: 'c', payload: {} }]),
      LIST,
    )
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      code: 'EXPERIMENT_PAYLOAD_INVALID',
      grade: 'ERROR',
      message: `The payload of the variant c of home does not fit ${EVENT}: payload must have required property 'id'.`,
      location: { file: `head:${LIST}`, line: 14 },
    })
  })

  test.each<[string, Files, string]>([
    [
      'a list that is not there',
      file(OPEN),
      'graph.yaml:8:18: There is no file experiments.json in head. Expected: the path of the list of experiments',
    ],
    [
      'a schema whose pattern is none',
      { ...withList([entry]), ...file({ ...OPEN, properties: { id: { pattern: '[' } } }) },
      `head:${EVENT}:5:18: The schema of the experiment home cannot be used: Invalid regular expression`,
    ],
    [
      'a schema with a reference to another file',
      { ...withList([entry]), ...file({ ...OPEN, properties: { id: { $ref: 'id.json' } } }) },
      `head:${EVENT}:1:1: The schema of the experiment home cannot be used: can't resolve reference id.json`,
    ],
    ['a list that is none', withList({}), `head:${LIST}:1:1: The list of experiments is wrong at its root`],
    ['an unknown key', withList([{ ...entry, a: 1 }]), 'The list of experiments is wrong at 0'],
    [
      'a schema that is not there',
      withList([{ ...entry, schema: 'none.json' }]),
      'The schema "none.json" of the experiment home is not there',
    ],
  ])('cannot check %s', async (_what, head, message) => {
    await expect(compare(null, head, LIST)).rejects.toThrow(CannotCheckError)
    await expect(compare(null, head, LIST)).rejects.toThrow(message)
  })
})
