import { readdirSync, readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import type { KnownOperations, RecordedUsage } from '../../model/operation.ts'

const CORPUS = new URL('../../../corpus/', import.meta.url)

/** SDL by subgraph. */
const subgraphs = z.record(z.string(), z.string())
const operations = z.array(z.string())

const planted = z.strictObject({
  name: z.string(),
  /** Instead of the file's, or of the shop. */
  base: subgraphs.optional(),
  /** Either this, or what is different from the base. */
  head: subgraphs.optional(),
  /** `old -> new`, by subgraph; the old text stands in it once. */
  edit: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  add: subgraphs.optional(),
  operations: operations.optional(),
  usage: z
    .strictObject({ enough: z.boolean(), coordinates: z.record(z.string(), z.number()).default({}) })
    .optional(),
  expect: z.array(
    z.strictObject({
      /** Grade, code and coordinate. */
      change: z.string(),
      reason: z.string(),
      /** Names of operations. */
      affects: z.array(z.string()).default([]),
    }),
  ),
  /** The kinds of change that graphql-js finds. */
  'graphql-js': z.array(z.string()).default([]),
})

const corpusFile = z.strictObject({
  base: subgraphs.optional(),
  operations: operations.optional(),
  cases: z.array(planted),
})

export type PlantedChange = {
  readonly name: string
  readonly base: Readonly<Record<string, string>>
  readonly head: Readonly<Record<string, string>>
  readonly operations: KnownOperations
  readonly expected: z.output<typeof planted>['expect']
  readonly graphqlJs: readonly string[]
}

const shop = z.strictObject({ subgraphs, operations }).parse(readYaml('shop.yaml'))

/** The graph that most cases start from. */
export const SHOP = shop.subgraphs

/** Every planted change, its name with that of its file before it. */
export function readCorpus(): readonly PlantedChange[] {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith('.yaml') && name !== 'shop.yaml')
  return files.toSorted().flatMap((file) => {
    const read = corpusFile.parse(readYaml(file))
    return read.cases.map((one) => {
      const base = one.base ?? read.base ?? shop.subgraphs
      const known = one.operations ?? read.operations ?? (base === shop.subgraphs ? shop.operations : [])
      return {
        name: `${file.replace('.yaml', '')}: ${one.name}`,
        base,
        head: one.head ?? { ...applyEdits(base, one.edit ?? {}), ...one.add },
        operations: knownOperations(known, one.usage),
        expected: one.expect,
        graphqlJs: one['graphql-js'],
      }
    })
  })
}

function readYaml(name: string): unknown {
  return parseYaml(readFileSync(new URL(name, CORPUS), 'utf8'))
}

function applyEdits(
  base: Readonly<Record<string, string>>,
  edits: Readonly<Record<string, string | readonly string[]>>,
): Readonly<Record<string, string>> {
  const head = { ...base }
  for (const [subgraph, listed] of Object.entries(edits)) {
    for (const edit of [listed].flat()) {
      const [before = '', after = ''] = edit.split(/ ->(?: |$)/)
      const [left, right, ...more] = (head[subgraph] ?? '').split(before)
      if (left === undefined || right === undefined || more.length > 0) {
        throw new Error(`"${before}" does not stand in ${subgraph} once`)
      }
      head[subgraph] = `${left}${after}${right}`
    }
  }
  return head
}

function knownOperations(
  documents: readonly string[],
  usage: { enough: boolean; coordinates: Readonly<Record<string, number>> } | undefined,
): KnownOperations {
  return {
    operations: documents.map((document, index) => ({
      id: `operation-${String(index).padStart(2, '0')}`,
      name: /^(?:query|mutation|subscription) (\w+)/.exec(document)?.[1] ?? null,
      document,
      location: null,
      usage: null,
    })),
    recorded: usage === undefined ? null : recordedUsage(usage.enough, usage.coordinates),
  }
}

function recordedUsage(isEnough: boolean, coordinates: Readonly<Record<string, number>>): RecordedUsage {
  return {
    from: '2026-10-01T00:00:00.000Z',
    to: '2026-10-31T23:00:00.000Z',
    requests: isEnough ? 5000 : 12,
    isEnough,
    coordinates: new Map(Object.entries(coordinates)),
  }
}
