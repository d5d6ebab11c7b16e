import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql'

/**
 * Whether an object with this `__typename` meets a condition on `condition`. A subgraph with an interface object gives
 * the interface as the `__typename`, so both may be abstract.
 */
export function meetsTypeCondition(schema: GraphQLSchema, typename: string, condition: string): boolean {
  if (typename === condition) return true
  const type = schema.getType(typename)
  const wanted = schema.getType(condition)
  return (
    isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type)
  )
}

/** `meetsTypeCondition` for one condition, which remembers its answers. */
export function createTypeCondition(schema: GraphQLSchema, condition: string): (typename: string) => boolean {
  const known = new Map<string, boolean>([[condition, true]])
  return (typename) => {
    let answer = known.get(typename)
    if (answer === undefined) {
      answer = meetsTypeCondition(schema, typename, condition)
      // A name that the schema does not know comes from a subgraph that may invent any number of them.
      if (schema.getType(typename)) known.set(typename, answer)
    }
    return answer
  }
}
