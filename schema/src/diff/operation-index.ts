import { type GraphQLSchema, parse } from 'graphql'
import type { AffectedOperation } from '../model/finding.ts'
import type { KnownOperation } from '../model/operation.ts'
import { createFindUses } from './find-uses.ts'
import type { Use } from './use.ts'

/** The known operations by what they use of the base's schema. */
export type OperationIndex = {
  /** Those that have all keys of one of the uses, by name and id. */
  readonly affectedBy: (uses: readonly Use[]) => readonly AffectedOperation[]
}

export function indexOperations(
  operations: readonly KnownOperation[],
  schema: GraphQLSchema,
): OperationIndex {
  const sorted = operations
    .map((operation) => ({ affected: affectedOf(operation), document: operation.document }))
    .toSorted((a, b) => compareOperations(a.affected, b.affected))
  const users = new Map<string, Set<number>>()
  const findUses = createFindUses(schema)
  sorted.forEach(({ document }, index) => {
    findUses(parse(document, { noLocation: true }), (_node, key) => {
      const known = users.get(key)
      if (known === undefined) users.set(key, new Set([index]))
      else known.add(index)
    })
  })
  return {
    affectedBy(uses) {
      const found = new Set<number>()
      for (const [first = '', ...rest] of uses) {
        for (const index of users.get(first) ?? []) {
          if (rest.every((key) => users.get(key)?.has(index))) found.add(index)
        }
      }
      return [...found].toSorted((a, b) => a - b).flatMap((index) => sorted[index]?.affected ?? [])
    },
  }
}

/** How many characters of an id stand for the name of an anonymous operation. */
const SHORT_ID = 8

function affectedOf({ id, name, usage }: KnownOperation): AffectedOperation {
  return {
    name: name ?? id.slice(0, SHORT_ID),
    id,
    clients: usage?.clients ?? [],
    count: usage?.count ?? null,
    lastSeen: usage?.lastSeen ?? null,
  }
}

function compareOperations(a: AffectedOperation, b: AffectedOperation): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.id < b.id ? -1 : 1
}
