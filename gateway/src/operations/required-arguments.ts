import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql'
import type { RequiredFields } from '../supergraph/required-arguments.ts'

/** A part of a fetch that can be sent with one representation of its objects. */
type Part = { readonly needed: Set<string>; readonly fields: Set<FieldNode> }

/**
 * A plan of which the subgraphs understand the fetches: `withNamedRequirements` gave fields names that only the planner
 * knows. Fields of one fetch that need different arguments are fetched apart, since a subgraph takes what it is sent for
 * its field whatever the arguments were.
 */
export function withRequiredArguments(node: PlanNode, required: RequiredFields): PlanNode {
  function rewrite(each: PlanNode): PlanNode {
    switch (each.kind) {
      case 'Fetch': {
        const [only, ...others] = divide(each, required)
        return only && others.length === 0 ? only : { kind: 'Parallel', nodes: only ? [only, ...others] : [] }
      }
      case 'Flatten':
        return { ...each, node: rewrite(each.node) }
      case 'Sequence':
      case 'Parallel':
        return { ...each, nodes: each.nodes.map(rewrite) }
      case 'Defer':
        return {
          ...each,
          primary: rewriteIn(each.primary),
          deferred: each.deferred.map(rewriteIn),
        }
      case 'Condition':
        return each
    }
  }
  function rewriteIn<Block extends { node?: PlanNode }>(block: Block): Block {
    return block.node ? { ...block, node: rewrite(block.node) } : block
  }
  return required.fields.size === 0 ? node : rewrite(node)
}

function divide(fetch: FetchNode, required: RequiredFields): FetchNode[] {
  const document = parse(fetch.operation, { noLocation: true })
  const parts = partsOf(document, required)
  return parts.map((part) => {
    const others = new Set(parts.flatMap((other) => (other === part ? [] : [...other.fields])))
    const operation = withoutUnusedVariables(toSubgraph(document, others, required))
    const requires = fetch.requires && keepNeeded(fetch.requires, part, required)
    return {
      ...fetch,
      operation: stripIgnoredCharacters(print(operation)),
      ...(requires ? { requires } : {}),
      inputRewrites: [...renamesOf(requires ?? [], [], required), ...(fetch.inputRewrites ?? [])],
    }
  })
}

/** The fields of entities, divided so that no part needs one field with different arguments. */
function partsOf(document: DocumentNode, { fields, neededBy }: RequiredFields): Part[] {
  const parts: Part[] = []
  function newPart(): Part {
    const part = { needed: new Set<string>(), fields: new Set<FieldNode>() }
    parts.push(part)
    return part
  }
  function fits({ needed }: Part, names: ReadonlySet<string>): boolean {
    const others = [...needed].filter((name) => !names.has(name))
    const taken = new Set(others.map((name) => fields.get(name)?.name.value))
    return ![...names].some((name) => taken.has(fields.get(name)?.name.value))
  }
  function add(set: SelectionSetNode, typename: string): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(selection.selectionSet, selection.typeCondition?.name.value ?? typename)
      } else if (selection.kind === Kind.FIELD) {
        const names = neededBy.get(`${typename}.${selection.name.value}`) ?? new Set()
        const part = parts.find((each) => fits(each, names)) ?? newPart()
        part.fields.add(selection)
        for (const name of names) part.needed.add(name)
      }
    }
  }
  visit(document, {
    Field(field) {
      if (field.name.value === '_entities' && field.selectionSet) add(field.selectionSet, '')
      return false
    },
  })
  return parts.length === 0 ? [newPart()] : parts
}

function toSubgraph(
  document: DocumentNode,
  omitted: ReadonlySet<FieldNode>,
  { fields }: RequiredFields,
): DocumentNode {
  return visit(document, {
    Field: {
      enter: (field) => (omitted.has(field) ? null : undefined),
      leave(field) {
        const real = fields.get(field.name.value)
        return (
          real && {
            ...field,
            alias: field.alias ?? field.name,
            name: real.name,
            arguments: real.arguments ?? [],
          }
        )
      },
    },
    InlineFragment: {
      leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined),
    },
  })
}

/** A subgraph refuses an operation with a variable that nothing uses. */
function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Variable({ name }) {
      used.add(name.value)
    },
  })
  return visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  })
}

function keepNeeded(
  selections: readonly QueryPlanSelectionNode[],
  part: Part,
  required: RequiredFields,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === 'Field' && required.fields.has(selection.name) && !part.needed.has(selection.name))
      return []
    if (!selection.selections) return [selection]
    const inner = keepNeeded(selection.selections, part, required)
    return inner.length === 0 ? [] : [{ ...selection, selections: inner }]
  })
}

/** In a representation, a field has the name that the subgraph knows. */
function renamesOf(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
  required: RequiredFields,
): FetchDataRewrite[] {
  return selections.flatMap((selection): FetchDataRewrite[] => {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition } = selection
      const inner = typeCondition === undefined ? path : [...path, `... on ${typeCondition}`]
      return renamesOf(selection.selections, inner, required)
    }
    const at = [...path, selection.name]
    const renames = renamesOf(selection.selections ?? [], at, required)
    const real = required.fields.get(selection.name)
    // What is inside is renamed first, while it is still where the path leads.
    return real ? [...renames, { kind: 'KeyRenamer', path: at, renameKeyTo: real.name.value }] : renames
  })
}
