import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql'

export type Variables = Readonly<Record<string, unknown>>
export type ValueOf = (variables: Variables) => unknown

type Weights = ReadonlyMap<string, number>

const OBJECT = 1

/** @param argument null for the condition of a directive, which is a Boolean */
export function compileValue(node: ValueNode, argument: GraphQLArgument | null): ValueOf {
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value
    return (variables) => (Object.hasOwn(variables, name) ? variables[name] : argument?.defaultValue)
  }
  if (argument === null) return () => node.kind === Kind.BOOLEAN && node.value
  if (hasVariable(node)) return (variables) => valueFromAST(node, argument.type, variables)
  const value = valueFromAST(node, argument.type)
  return () => value
}

export function hasVariable(node: ValueNode): boolean {
  switch (node.kind) {
    case Kind.VARIABLE:
      return true
    case Kind.LIST:
      return node.values.some(hasVariable)
    case Kind.OBJECT:
      return node.fields.some(({ value }) => hasVariable(value))
    default:
      return false
  }
}

/** Whether values of the type can cost something: an input object, or a type with a weight. */
export function isWeighted(type: GraphQLNamedType, weights: Weights): boolean {
  return isInputObjectType(type) || weights.has(type.name)
}

/**
 * The weights of a value that has been coerced, and of all that is in it.
 * @param weight of the argument or the input field; undefined where it has none of its own
 */
export function inputCost(value: unknown, type: GraphQLInputType, weights: Weights, weight?: number): number {
  if (value === null || value === undefined) return weight ?? 0
  if (isNonNullType(type)) return inputCost(value, type.ofType, weights, weight)
  if (isListType(type)) {
    const own = weight ?? 0
    if (!isWeighted(getNamedType(type), weights)) return own
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
    return elements.reduce<number>((sum, element) => sum + inputCost(element, type.ofType, weights), own)
  }
  if (!isInputObjectType(type)) return weight ?? weights.get(type.name) ?? 0
  let sum = weight ?? weights.get(type.name) ?? OBJECT
  const given = Object(value)
  for (const field of Object.values(type.getFields())) {
    const fieldWeight = weights.get(`${type.name}.${field.name}`)
    if (fieldWeight === undefined && !isWeighted(getNamedType(field.type), weights)) continue
    if (Object.hasOwn(given, field.name))
      sum += inputCost(given[field.name], field.type, weights, fieldWeight)
  }
  return sum
}
