import {
  type GraphQLArgument,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql'

export type Variables = Readonly<Record<string, unknown>>
export type ValueOf = (variables: Variables) => unknown
/** What a value costs that has been coerced. */
type InputCost = (value: unknown) => number

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

/**
 * Compiles what arguments and input fields cost, from the weights of a schema. Costs of a type are compiled once.
 * @returns of an argument or input field with this type and a weight of its own, if it has one; null where no value costs
 */
export function createInputCosts(
  weights: ReadonlyMap<string, number>,
): (type: GraphQLInputType, weight?: number) => InputCost | null {
  const ofTypes = new Map<string, InputCost>()

  function compile(type: GraphQLInputType, weight?: number): InputCost | null {
    if (isNonNullType(type)) return compile(type.ofType, weight)
    if (isListType(type)) {
      const ofElement = compile(type.ofType)
      const own = weight ?? 0
      if (!ofElement) return own === 0 ? null : () => own
      return (value) => {
        if (!Array.isArray(value)) return own + ofElement(value)
        let sum = own
        for (const element of value) sum += ofElement(element)
        return sum
      }
    }
    const own = weight ?? weights.get(type.name) ?? (isInputObjectType(type) ? OBJECT : 0)
    if (!isInputObjectType(type)) return own === 0 ? null : () => own
    const name = type.name
    if (!ofTypes.has(name)) {
      // Input types may have fields of their own type: those find this one, and what it is by then.
      ofTypes.set(name, (value) => ofTypes.get(name)?.(value) ?? 0)
      const fields = Object.values(type.getFields()).flatMap((field) => {
        const cost = compile(field.type, weights.get(`${name}.${field.name}`))
        return cost ? [{ key: field.name, cost }] : []
      })
      ofTypes.set(name, (value) => {
        if (typeof value !== 'object' || value === null) return 0
        let sum = 0
        for (const { key, cost } of fields) {
          const given = (value as Readonly<Record<string, unknown>>)[key]
          if (given !== undefined) sum += cost(given)
        }
        return sum
      })
    }
    return (value) => own + (ofTypes.get(name)?.(value) ?? 0)
  }
  return compile
}
