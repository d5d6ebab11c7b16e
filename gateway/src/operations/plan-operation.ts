import { operationFromDocument, type SelectionSet } from '@apollo/federation-internals'
import type { PlanNode } from '@apollo/query-planner'
import { Kind, type SelectionNode } from 'graphql'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { documentForPlanner } from './interface-objects.ts'
import type { NormalizedOperation } from './normalize-operation.ts'
import { withRequiredArguments } from './required-arguments.ts'

/**
 * Plans an operation. Each root field of a mutation gets a plan of its own, so that it is complete, with what other
 * subgraphs add to it, before the next one begins (GraphQL spec 6.2.2).
 */
export function planOperation(normalized: NormalizedOperation, supergraph: Supergraph): PlanNode | undefined {
  const { operation } = normalized
  const fields = Map.groupBy(operation.selectionSet.selections, responseKey)
  if (operation.operation !== 'mutation' || fields.size === 1) return plan(normalized, supergraph)
  const nodes = [...fields.values()].flatMap((selections) => {
    const node = plan(withSelections(normalized, selections), supergraph)
    return node ? [node] : []
  })
  return { kind: 'Sequence', nodes }
}

function responseKey(selection: SelectionNode): string {
  return selection.kind === Kind.FIELD ? (selection.alias?.value ?? selection.name.value) : ''
}

function withSelections(
  { document, operation, ...rest }: NormalizedOperation,
  selections: readonly SelectionNode[],
): NormalizedOperation {
  const part = { ...operation, selectionSet: { ...operation.selectionSet, selections } }
  const definitions = document.definitions.map((definition) => (definition === operation ? part : definition))
  return { ...rest, document: { ...document, definitions }, operation: part }
}

function plan({ document }: NormalizedOperation, supergraph: Supergraph): PlanNode | undefined {
  const { planner } = supergraph
  const operation = operationFromDocument(
    planner.supergraph.apiSchema(),
    documentForPlanner(document, supergraph),
  )
  const { node } = planner.buildQueryPlan(operation)
  if (!node && selectsFields(operation.selectionSet)) {
    throw new Error(`the planner found no subgraph to fetch from for ${operation}`)
  }
  return !node || node.kind === 'Subscription' ? undefined : withRequiredArguments(node, supergraph.required)
}

/** Whether it is more than `__typename` and introspection, which need no subgraph. */
function selectsFields(selectionSet: SelectionSet): boolean {
  return selectionSet
    .selections()
    .some((selection) =>
      selection.kind === 'FieldSelection'
        ? !selection.element.name.startsWith('__')
        : selectsFields(selection.selectionSet),
    )
}
