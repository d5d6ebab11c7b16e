import type { FetchNode, PlanNode } from '@apollo/query-planner'
import { Kind, parse, print, type SelectionSetNode, visit } from 'graphql'
import { canonicalJson } from './canonical-json.ts'
import { createFetch, executeOurs, type Prepared, prepare } from './execute-graph.ts'
import type { World } from './faults.ts'
import type { GeneratedOperation } from './generate-operation.ts'
import type { InProcessGraph } from './in-process-graph.ts'
import { executeStock } from './stock-gateway.ts'

/**
 * Where the stock executor's data are known to be wrong. The sentences are those of the GraphQL specification
 * (October 2021) that it does not heed.
 *
 * - `nested-condition`: it takes the condition of an outer fragment for the type of an object whose `__typename` was
 *   not fetched, and drops the fields of a fragment on an object type in a fragment on an interface.
 *   6.3.2 CollectFields: "If DoesFragmentTypeApply(objectType, fragmentType) is false, continue with the next selection
 *   in selectionSet", where "objectType" is the type of the object.
 * - `interface-object-name`: the `__typename` that a subgraph with an interface object gives, which is the name of the
 *   interface, replaces the object's own.
 *   4.1 Type Name Introspection: it "returns the name of the concrete Object type at that point during execution".
 * - `list-of-lists`: where two subgraphs give fields of the same objects and these stand in a list of lists, it keeps the
 *   lists of one subgraph and drops the other's fields.
 *   6.4.3 Value Completion: "Return a list where each list item is the result of calling CompleteValue".
 * - `context-arguments`: it sends no arguments of `@fromContext`.
 *   6.4.1 Coercing Field Arguments: an argument that the client does not give has "the default value", which here is
 *   the value from the context.
 */
export type StockDifference =
  | 'list-of-lists'
  | 'nested-condition'
  | 'interface-object-name'
  | 'context-arguments'

/** Which of these a difference is; null where it is none, so that either executor has a defect that is not known. */
export async function explainDifference(
  graph: InProcessGraph,
  operation: GeneratedOperation,
  prepared: Prepared,
  createWorld: () => World,
): Promise<StockDifference | null> {
  const fetches = fetchesOf(prepared.plan.node as PlanNode)
  if (fetches.some(({ contextRewrites }) => contextRewrites)) return 'context-arguments'
  if (fetches.some(asksInterfaceObjectForName)) return 'interface-object-name'
  if (mergesListOfLists(graph, prepared)) return 'list-of-lists'
  const explicit = { ...operation, query: withTypenames(operation.query) }
  const again = prepare(graph, explicit, false)
  const ours = await executeOurs(again, createFetch(graph, createWorld()))
  const stock = await executeStock(graph, again, createWorld())
  return canonicalJson(ours.initial.data) === canonicalJson(stock.data) ? 'nested-condition' : null
}

export function fetchesOf(node: PlanNode): FetchNode[] {
  switch (node.kind) {
    case 'Fetch':
      return [node]
    case 'Flatten':
      return fetchesOf(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesOf)
    default:
      throw new Error(`a ${node.kind} in a plan without conditions and without @defer`)
  }
}

function asksInterfaceObjectForName({ inputRewrites = [], operation }: FetchNode): boolean {
  const renames = inputRewrites.some(
    ({ kind, path }) => kind === 'ValueSetter' && path.at(-1) === '__typename',
  )
  return renames && operation.includes('{__typename ')
}

/** Whether two fetches add fields to what a field of a type such as `[[Product]]` holds. */
function mergesListOfLists({ supergraph }: InProcessGraph, { compiled }: Prepared): boolean {
  const nested = new Set(
    Object.values(supergraph.schema.getTypeMap())
      .flatMap((type) => ('getFields' in type ? Object.values(type.getFields()) : []))
      .flatMap(({ name, type }) => (String(type).startsWith('[[') ? [name] : [])),
  )
  const written = compiled.plan.fetches.flatMap((fetch) => [...fetch.written])
  const twice = written.filter((field, index) => written.indexOf(field) !== index)
  // The keys of fields with an alias or arguments begin with a number of their own.
  return twice.some((field) =>
    nested.has(
      field
        .split('.')
        .at(-1)
        ?.replace(/^_\d+_/, '') ?? '',
    ),
  )
}

/** The operation with `__typename` in each selection set, so that nobody has to guess the types of objects. */
function withTypenames(query: string): string {
  return print(
    visit(parse(query), {
      // Introspection has types of its own, which are known.
      Field: (field) => (field.name.value.startsWith('__') ? false : undefined),
      SelectionSet: {
        leave: (set): SelectionSetNode => ({
          ...set,
          selections: [
            ...set.selections,
            { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } },
          ],
        }),
      },
    }),
  )
}
