import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import type { GeneratedOperation } from './generate-operation.ts'
import type { SeededRandom } from './seeded-random.ts'

const FILLER = '_filler'
const BOOLEAN = {
  kind: Kind.NON_NULL_TYPE,
  type: { kind: Kind.NAMED_TYPE, name: nameOf('Boolean') },
} as const

function nameOf(value: string) {
  return { kind: Kind.NAME, value } as const
}

/** Puts `@defer` on some fragments of an operation, and some fields into fragments with it. */
export function addDefer(operation: GeneratedOperation, random: SeededRandom): GeneratedOperation {
  const variables: Record<string, unknown> = {}
  let labels = 0

  function directive(): DirectiveNode {
    const args: DirectiveNode['arguments'] = [
      ...(random.chance(0.7) ? [argument('label', { kind: Kind.STRING, value: `part ${labels++}` })] : []),
      ...(random.chance(0.2) ? [argument('if', { kind: Kind.BOOLEAN, value: random.chance(0.5) })] : []),
    ]
    if (args.length < 2 && random.chance(0.2) && !args.some(({ name }) => name.value === 'if')) {
      const name = `defer${Object.keys(variables).length}`
      variables[name] = random.chance(0.6)
      return deferOf([...args, argument('if', { kind: Kind.VARIABLE, name: nameOf(name) })])
    }
    return deferOf(args)
  }

  function onFragment<Fragment extends InlineFragmentNode | FragmentSpreadNode>(
    fragment: Fragment,
  ): Fragment {
    if (!random.chance(0.4)) return fragment
    return { ...fragment, directives: [...(fragment.directives ?? []), directive()] }
  }

  function inSet(set: SelectionSetNode): SelectionSetNode {
    return { ...set, selections: set.selections.map(wrapped) }
  }

  function wrapped(selection: SelectionNode): SelectionNode {
    // The meta fields of the root are in the initial answer anyway.
    if (selection.kind !== Kind.FIELD || selection.name.value.startsWith('__') || !random.chance(0.15)) {
      return selection
    }
    const selectionSet = { kind: Kind.SELECTION_SET, selections: [selection] } as const
    return { kind: Kind.INLINE_FRAGMENT, directives: [directive()], selectionSet }
  }

  const document = visit(parse(operation.query), {
    Field: { enter: (field) => (isIntrospection(field.name.value) ? false : undefined) },
    SelectionSet: { leave: inSet },
    InlineFragment: { leave: onFragment },
    FragmentSpread: { leave: onFragment },
  })
  return {
    query: print(withVariables(document, Object.keys(variables))),
    variables: { ...operation.variables, ...variables },
  }
}

function argument(name: string, value: NonNullable<DirectiveNode['arguments']>[number]['value']) {
  return { kind: Kind.ARGUMENT, name: nameOf(name), value } as const
}

function deferOf(args: NonNullable<DirectiveNode['arguments']>): DirectiveNode {
  return { kind: Kind.DIRECTIVE, name: nameOf('defer'), arguments: args }
}

function isIntrospection(name: string): boolean {
  return name === '__schema' || name === '__type'
}

function withVariables(document: DocumentNode, names: readonly string[]): DocumentNode {
  const added = names.map((name): VariableDefinitionNode => {
    return {
      kind: Kind.VARIABLE_DEFINITION,
      variable: { kind: Kind.VARIABLE, name: nameOf(name) },
      type: BOOLEAN,
    }
  })
  return visit(document, {
    OperationDefinition: (operation) => ({
      ...operation,
      variableDefinitions: [...(operation.variableDefinitions ?? []), ...added],
    }),
  })
}

/** The operation without what it defers: what its initial answer has to bring. `withoutFillers` reads the answer. */
export function withoutDeferred({ query, variables }: GeneratedOperation): DocumentNode {
  const filler: SelectionNode = { kind: Kind.FIELD, alias: nameOf(FILLER), name: nameOf('__typename') }
  const leaveOut = (fragment: InlineFragmentNode | FragmentSpreadNode) =>
    activeDefer(fragment, variables) ? null : undefined
  return visit(parse(query), {
    InlineFragment: leaveOut,
    FragmentSpread: leaveOut,
    // No selection set may be empty.
    SelectionSet: { leave: (set) => ({ ...set, selections: [...set.selections, filler] }) },
  })
}

export function withoutFillers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFillers)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([key]) => key !== FILLER)
  return Object.fromEntries(fields.map(([key, each]) => [key, withoutFillers(each)]))
}

/**
 * How many parts an operation may deliver for each label and place, as `placeOf` writes them. A fragment that is spread
 * in several places counts in each.
 */
export function deferredPlaces({ query, variables }: GeneratedOperation): ReadonlyMap<string, number> {
  const document = parse(query)
  const places = new Map<string, number>()
  const fragments = fragmentsOf(document)

  function walk(set: SelectionSetNode | undefined, path: readonly string[]): void {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        walk(selection.selectionSet, [...path, (selection.alias ?? selection.name).value])
        continue
      }
      const defer = activeDefer(selection, variables)
      if (defer) {
        const label = defer.arguments?.find(({ name }) => name.value === 'label')?.value
        const place = placeOf(label?.kind === Kind.STRING ? label.value : undefined, path)
        places.set(place, (places.get(place) ?? 0) + 1)
      }
      walk(
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragments.get(selection.name.value)?.selectionSet
          : selection.selectionSet,
        path,
      )
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, [])
  }
  return places
}

/** The response keys of `__typename`, `__schema` and `__type`. A key has one meaning in a generated operation. */
export function metaKeys({ query }: GeneratedOperation): ReadonlySet<string> {
  const keys = new Set<string>()
  visit(parse(query), {
    Field({ alias, name }) {
      if (name.value.startsWith('__')) keys.add((alias ?? name).value)
    },
  })
  return keys
}

/** A label with the response keys of a path. The indices of lists are left out: an operation knows none. */
export function placeOf(label: string | undefined, path: readonly (string | number)[]): string {
  return JSON.stringify([label ?? null, ...path.filter((key) => typeof key === 'string')])
}

/** The `@defer` of a fragment; undefined where it has none, or its `if` is false. */
function activeDefer(
  { directives = [] }: InlineFragmentNode | FragmentSpreadNode,
  variables: GeneratedOperation['variables'],
): DirectiveNode | undefined {
  const defer = directives.find(({ name }) => name.value === 'defer')
  const condition = defer?.arguments?.find(({ name }) => name.value === 'if')?.value
  if (condition?.kind === Kind.BOOLEAN && !condition.value) return undefined
  if (condition?.kind === Kind.VARIABLE && variables[condition.name.value] !== true) return undefined
  return defer
}
