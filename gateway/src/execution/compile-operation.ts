import type { PlanNode } from '@apollo/query-planner'
import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { compileIntrospection, type Introspect } from './introspection.ts'
import { type CompiledPlan, compilePlan, type DeferredPart } from './plan/compile-plan.ts'
import type { ClientKeys } from './response/client-keys.ts'
import { collectFields } from './response/collect-fields.ts'
import type { Denials } from './response/denials.ts'
import { compileProjection, type Projection, type ProjectionScope } from './response/projection.ts'
import { typeAtPath } from './response/type-at-path.ts'
import { wayToPart } from './response/way-to-part.ts'
import { compileVerbatim, type VerbatimPlan } from './verbatim/compile-verbatim.ts'

/** An operation with its conditions decided: what to fetch, and how to answer with it. */
export type CompiledOperation = {
  readonly plan: CompiledPlan
  readonly introspect: Introspect | null
  /** Makes the whole answer, or what comes before the deferred parts. */
  readonly initial: Projection
  readonly parts: readonly (DeferredPart & { readonly project: Projection | null })[]
  readonly clientKeys: ClientKeys
  /**
   * How it is answered with the subgraphs' own words; null where it cannot be. Null at the first call, too: compiling this
   * costs a quarter of what planning costs, and many operations are asked once.
   */
  verbatim(): VerbatimPlan | null
  /** Compiles that now, for an operation that is known to be asked again. */
  prepareVerbatim(): void
}

export function compileOperation(options: {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly clientKeys: ClientKeys
  readonly denials: Denials | null
  readonly planNode: PlanNode | undefined
  readonly supergraph: Supergraph
}): CompiledOperation {
  const { document, operation, clientKeys, denials, planNode, supergraph } = options
  const { schema } = supergraph
  const root = schema.getRootType(operation.operation) as GraphQLObjectType
  const plan = compilePlan(planNode, supergraph)
  const scope: ProjectionScope = {
    schema,
    fragments: fragmentsOf(document),
    clientKeys,
    denials,
    withDeferred: true,
    // Deferred parts are made of the same data.
    consumesData: plan.deferred.length === 0,
  }
  const metaFields = metaFieldsOf(operation, root, scope)
  const isWhole = plan.deferred.length === 0 && metaFields.length === 0 && denials === null
  // The planner defers no meta fields of the root, so they belong to the initial answer.
  const initialSets = plan.deferred.length === 0 ? [] : [selectionSetOf(metaFields)]
  return {
    plan,
    introspect: compileIntrospection(metaFields, operation, document, schema),
    initial: compileProjection([operation.selectionSet, ...initialSets], root, {
      ...scope,
      withDeferred: plan.deferred.length === 0,
    }),
    parts: plan.deferred.map((part, index) => {
      const inner = plan.deferred.filter(({ parent }) => parent === index)
      return { ...part, project: compilePart(part, inner, operation, root, scope) }
    }),
    clientKeys,
    ...verbatimFromSecondCall(() =>
      isWhole
        ? compileVerbatim({
            fetches: plan.fetches,
            operation,
            rootType: root,
            fragments: scope.fragments,
            clientKeys,
            schema,
            fullSchema: supergraph.fullSchema,
          })
        : null,
    ),
  }
}

function verbatimFromSecondCall(
  compile: () => VerbatimPlan | null,
): Pick<CompiledOperation, 'verbatim' | 'prepareVerbatim'> {
  let isAskedAgain = false
  let compiled: VerbatimPlan | null | undefined

  function prepareVerbatim(): void {
    if (compiled !== undefined) return
    // A defect fails the request that meets it, and the others get their answers without.
    compiled = null
    compiled = compile()
  }

  return {
    verbatim() {
      if (isAskedAgain) prepareVerbatim()
      isAskedAgain = true
      return compiled ?? null
    },
    prepareVerbatim,
  }
}

/** `__typename`, `__schema` and `__type` of the root. */
function metaFieldsOf(
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  scope: ProjectionScope,
): readonly FieldNode[] {
  const fields = collectFields([operation.selectionSet], root.name, scope)
  return [...fields.values()].flat().filter(({ name }) => name.value.startsWith('__'))
}

/** `inner` are the parts that stand in this one. */
function compilePart(
  part: DeferredPart,
  inner: readonly DeferredPart[],
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  scope: ProjectionScope,
): Projection | null {
  // The planner leaves out objects of which each field is deferred again, but the inner part needs them as its place.
  const ways = inner.flatMap(({ queryPath }) => wayToPart(part.queryPath, queryPath) ?? [])
  const selected = part.selection === null ? [] : [parseSelection(part.selection)]
  // The meta fields of the root are in the initial answer.
  const sets = [...(part.queryPath.length === 0 ? selected.map(withoutMetaFields) : selected), ...ways]
  if (sets.length === 0) return null
  const place = { type: root, set: operation.selectionSet }
  const type = typeAtPath(part.queryPath, place, scope.schema, scope.fragments)
  return compileProjection(sets, type, scope)
}

function parseSelection(text: string): SelectionSetNode {
  const [definition] = parse(text, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a selection set: ${text}`)
  return definition.selectionSet
}

function withoutMetaFields(set: SelectionSetNode): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return [{ ...selection, selectionSet: withoutMetaFields(selection.selectionSet) }]
    return selection.kind === Kind.FIELD && selection.name.value.startsWith('__') ? [] : [selection]
  })
  return { ...set, selections }
}

function selectionSetOf(selections: readonly FieldNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections }
}
