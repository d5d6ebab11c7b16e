import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import type { ListSize } from '../supergraph/cost-directives.ts'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { compileValue, createInputCosts, hasVariable, type ValueOf, type Variables } from './input-cost.ts'

/** Of a mutation, besides what it selects: it changes something. */
const MUTATION = 10
const OBJECT = 1

/** What an operation costs with these variables, which have been coerced. */
export type CostOf = (variables: Variables) => {
  readonly cost: number
  /** `Type.field` of a field that needs exactly one slicing argument and has none, or several; null if there is none. */
  readonly unsliced: string | null
}

/** What one evaluation knows and finds. */
type Scope = { readonly variables: Variables; unsliced: string | null }
/** The sizes that the field above gives to fields of this set; null where it gives none. */
type Sized = { readonly fields: ReadonlySet<string>; readonly size: number } | null

type SetCost = (scope: Scope, sized: Sized) => number

/**
 * The cost of an operation as Apollo Router estimates it (`@cost` and `@listSize` of Federation's cost specification):
 * an object 1, a leaf 0, each as often as the lists above say, plus the weights of arguments, where an input object
 * counts 1, and 10 for a mutation. It is of the client's operation and not of the fetches, because it has to be known
 * before the operation is planned. Fields that a client selects in several fragments count each time.
 */
export function compileCost(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  supergraph: Pick<Supergraph, 'schema' | 'costs'>,
  defaultListSize: number,
): CostOf {
  const { schema } = supergraph
  const { weights, listSizes } = supergraph.costs
  const fragments = fragmentsOf(document)
  const inputCost = createInputCosts(weights)
  const compiled = new Map<string, SetCost>()
  let isConstant = true

  function compileSet({ selections }: SelectionSetNode, parent: GraphQLCompositeType): SetCost {
    const costs = selections.flatMap((selection) => compileSelection(selection, parent) ?? [])
    return (scope, sized) => {
      let sum = 0
      for (const cost of costs) sum += cost(scope, sized)
      return sum
    }
  }

  function compileSelection(selection: SelectionNode, parent: GraphQLCompositeType): SetCost | null {
    const cost = compileUnconditional(selection, parent)
    const conditions = (selection.directives ?? []).flatMap((directive) => conditionOf(directive) ?? [])
    if (!cost || conditions.length === 0) return cost
    return (scope, sized) => (conditions.every((isMet) => isMet(scope.variables)) ? cost(scope, sized) : 0)
  }

  function conditionOf({ name, arguments: args = [] }: DirectiveNode) {
    if (name.value !== 'skip' && name.value !== 'include') return null
    const value = args.find((argument) => argument.name.value === 'if')?.value
    const wanted = name.value === 'include'
    const isTrue = value ? compile(value, null) : () => wanted
    return (variables: Variables) => (isTrue(variables) === true) === wanted
  }

  function compileUnconditional(selection: SelectionNode, parent: GraphQLCompositeType): SetCost | null {
    switch (selection.kind) {
      case Kind.FIELD:
        return compileField(selection, parent)
      case Kind.INLINE_FRAGMENT:
        return compileSet(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? parent)
      case Kind.FRAGMENT_SPREAD: {
        const name = selection.name.value
        const known = compiled.get(name)
        if (known) return known
        const fragment = fragments.get(name)
        const type = typeNamed(fragment?.typeCondition.name.value)
        if (!fragment || !type) return null
        const cost = compileSet(fragment.selectionSet, type)
        compiled.set(name, cost)
        return cost
      }
    }
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }

  function compileField(field: FieldNode, parent: GraphQLCompositeType): SetCost | null {
    const name = field.name.value
    const definition = isUnionType(parent) ? undefined : parent.getFields()[name]
    // Introspection, which costs no subgraph anything.
    if (!definition) return null
    const key = `${parent.name}.${name}`
    const named = getNamedType(definition.type)
    const own = weights.get(key) ?? weights.get(named.name) ?? (isCompositeType(named) ? OBJECT : 0)
    const inside = field.selectionSet && isCompositeType(named) ? compileSet(field.selectionSet, named) : null
    const argumentsCost = compileArguments(field, definition, key)
    const isList = hasList(definition.type)
    const listSize = listSizes.get(key)
    const sizeOf = listSize ? compileSize(listSize, field, definition, key) : null
    const sizedFields = listSize && listSize.sizedFields.size > 0 ? listSize.sizedFields : null

    return (scope, sized) => {
      const size = sizeOf === null ? null : sizeOf(scope)
      const below = sizedFields === null || size === null ? null : { fields: sizedFields, size }
      const one = own + (inside === null ? 0 : inside(scope, below))
      const from = sized?.fields.has(name) ? sized.size : sizedFields === null ? size : null
      const count = isList ? (from ?? defaultListSize) : 1
      return count * one + argumentsCost(scope.variables)
    }
  }

  function compileSize(
    { assumedSize, slicingArguments, requireOneSlicingArgument }: ListSize,
    field: FieldNode,
    definition: GraphQLField<unknown, unknown>,
    key: string,
  ): (scope: Scope) => number | null {
    const values = slicingArguments.flatMap((name) => {
      const argument = definition.args.find((each) => each.name === name)
      return argument ? compileArgument(field, argument) : []
    })
    const needsOne = requireOneSlicingArgument && values.length > 0
    return (scope) => {
      const sizes = values.map((read) => read(scope.variables)).filter((value) => typeof value === 'number')
      if (needsOne && sizes.length !== 1) scope.unsliced ??= key
      return sizes.length === 0 ? assumedSize : Math.max(0, ...sizes)
    }
  }

  function compileArguments(
    field: FieldNode,
    definition: GraphQLField<unknown, unknown>,
    key: string,
  ): (variables: Variables) => number {
    const costs = definition.args.flatMap((argument) => {
      const cost = inputCost(argument.type, weights.get(`${key}(${argument.name}:)`))
      if (!cost) return []
      const read = compileArgument(field, argument)
      return (variables: Variables) => {
        const value = read(variables)
        return value === undefined ? 0 : cost(value)
      }
    })
    if (costs.length === 0) return () => 0
    return (variables) => costs.reduce((sum, cost) => sum + cost(variables), 0)
  }

  function compileArgument(field: FieldNode, argument: GraphQLArgument): ValueOf {
    const node = field.arguments?.find(({ name }) => name.value === argument.name)?.value
    return node ? compile(node, argument) : () => argument.defaultValue
  }

  function compile(node: ValueNode, argument: GraphQLArgument | null): ValueOf {
    if (hasVariable(node)) isConstant = false
    return compileValue(node, argument)
  }

  const root = schema.getRootType(operation.operation)
  const setCost = isObjectType(root) ? compileSet(operation.selectionSet, root) : () => 0
  const base = operation.operation === 'mutation' ? MUTATION : 0
  function costOf(variables: Variables) {
    const scope: Scope = { variables, unsliced: null }
    return { cost: base + setCost(scope, null), unsliced: scope.unsliced }
  }
  if (!isConstant) return costOf
  const constant = costOf({})
  return () => constant
}

function hasList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type)
}
