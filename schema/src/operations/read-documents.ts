import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'
import { syntaxProblem } from '../inputs/read-subgraphs.ts'
import type { Problem } from '../model/cannot-check.ts'
import {
  graphqlSource,
  locationOf,
  printLocation,
  type SourceFile,
  type SourceLocation,
} from '../model/source.ts'

/** An operation as some file has it, with the fragments that it uses. */
export type WrittenOperation = {
  readonly name: string | null
  /** The id of a manifest's entry; null for a committed document. */
  readonly manifestId: string | null
  readonly document: DocumentNode
  readonly location: SourceLocation
}

/**
 * The operations of committed documents. A fragment may stand in another file than the operation that uses it; of
 * several with one name the one in the same file is meant.
 * @param problems gets what is wrong
 * @param notes gets, in sentences, what is odd
 */
export function readDocuments(
  files: readonly SourceFile[],
  problems: Problem[],
  notes: string[],
): readonly WrittenOperation[] {
  const parsed = files.map((file) => ({ file, definitions: definitionsOf(file, problems) }))
  const fragments = new Fragments(
    parsed.flatMap(({ definitions }) => definitions.filter(isFragment)),
    problems,
  )
  const operations = parsed.flatMap(({ file, definitions }) =>
    definitions.filter(isOperation).map((operation): WrittenOperation => {
      const definitions: readonly DefinitionNode[] = [
        operation,
        ...fragments.usedBy(operation, file.path, problems),
      ]
      return {
        name: operation.name?.value ?? null,
        manifestId: null,
        document: { kind: Kind.DOCUMENT, definitions },
        location: placeOf(operation),
      }
    }),
  )
  sayDuplicates(operations, problems, notes)
  return operations
}

function definitionsOf(file: SourceFile, problems: Problem[]): readonly DefinitionNode[] {
  try {
    const { definitions } = parse(graphqlSource(file))
    for (const definition of definitions) {
      if (isOperation(definition) || isFragment(definition)) continue
      problems.push({
        location: locationOf(definition),
        message: 'A definition of a schema stands among operations',
        expected: 'operations and fragments; leave files with schemas out of `documents`',
      })
      return []
    }
    return definitions
  } catch (error) {
    problems.push(syntaxProblem(error, file, 'GraphQL operations and fragments'))
    return []
  }
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION
}

function placeOf(node: OperationDefinitionNode | FragmentDefinitionNode): SourceLocation {
  return locationOf(node) ?? { file: '', line: 1, column: 1 }
}

/** All fragments by name, and for each what it spreads itself. */
class Fragments {
  readonly #byName = new Map<string, FragmentDefinitionNode[]>()
  readonly #spreads = new Map<FragmentDefinitionNode, readonly string[]>()

  constructor(fragments: readonly FragmentDefinitionNode[], problems: Problem[]) {
    for (const fragment of fragments) {
      const known = this.#byName.get(fragment.name.value) ?? []
      this.#byName.set(fragment.name.value, known)
      const same = known.find((one) => placeOf(one).file === placeOf(fragment).file)
      if (same !== undefined) {
        problems.push({
          location: placeOf(fragment),
          message: `Fragment ${fragment.name.value} stands in this file twice`,
          expected: 'each fragment once',
        })
      }
      known.push(fragment)
      this.#spreads.set(fragment, spreadsOf(fragment))
    }
  }

  /** In the order in which they are met. */
  usedBy(
    operation: OperationDefinitionNode,
    file: string,
    problems: Problem[],
  ): readonly FragmentDefinitionNode[] {
    const used = new Map<string, FragmentDefinitionNode>()
    const waiting = spreadsOf(operation).map((name) => ({ name, file }))
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (used.has(next.name)) continue
      const fragment = this.#find(next.name, next.file, operation, problems)
      if (fragment === null) continue
      used.set(next.name, fragment)
      const at = placeOf(fragment).file
      waiting.push(...(this.#spreads.get(fragment) ?? []).map((name) => ({ name, file: at })))
    }
    return [...used.values()]
  }

  #find(
    name: string,
    file: string,
    operation: OperationDefinitionNode,
    problems: Problem[],
  ): FragmentDefinitionNode | null {
    const known = this.#byName.get(name) ?? []
    const near = known.find((one) => placeOf(one).file === file)
    const [first] = known
    if (near !== undefined) return near
    if (first !== undefined && known.every((one) => print(one) === print(first))) return first
    const places = known.map((one) => printLocation(placeOf(one))).toSorted()
    problems.push({
      location: placeOf(operation),
      message:
        first === undefined
          ? `There is no fragment ${name}, which ${operation.name?.value ?? 'this operation'} uses`
          : `Which fragment ${name} is meant cannot be told: there are ${places.join(' and ')}`,
      expected:
        first === undefined
          ? `a file with fragment ${name} among \`documents\``
          : 'one fragment of that name, or one in the file that uses it',
    })
    return null
  }
}

function spreadsOf(node: OperationDefinitionNode | FragmentDefinitionNode): readonly string[] {
  const names = new Set<string>()
  visit(node, {
    FragmentSpread(spread) {
      names.add(spread.name.value)
    },
  })
  return [...names]
}

function sayDuplicates(operations: readonly WrittenOperation[], problems: Problem[], notes: string[]): void {
  const byName = new Map<string, SourceLocation[]>()
  for (const { name, location } of operations) {
    if (name === null) continue
    const known = byName.get(name) ?? []
    byName.set(name, known)
    if (known.some(({ file }) => file === location.file)) {
      problems.push({
        location,
        message: `Operation ${name} stands in this file twice`,
        expected: 'each operation once, or another name',
      })
    }
    known.push(location)
  }
  for (const [name, places] of [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (places.length === 1) continue
    notes.push(`Several operations are called ${name}: ${places.map(printLocation).join(', ')}.`)
  }
}
