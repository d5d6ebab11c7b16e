import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql'

/** The argument of a field; undefined where there is none. */
export function findArgument(
  schema: GraphQLSchema,
  type: string,
  field: string,
  argument: string,
): GraphQLArgument | undefined {
  const named = schema.getType(type)
  if (!isObjectType(named) && !isInterfaceType(named)) return undefined
  return named.getFields()[field]?.args.find(({ name }) => name === argument)
}

export function findInputField(
  schema: GraphQLSchema,
  type: string,
  field: string,
): GraphQLInputField | undefined {
  const named = schema.getType(type)
  return isInputObjectType(named) ? named.getFields()[field] : undefined
}

export function findDirectiveArgument(
  schema: GraphQLSchema,
  directive: string,
  argument: string,
): GraphQLArgument | undefined {
  return schema.getDirective(directive)?.args.find(({ name }) => name === argument)
}

/** The enums that some field returns. */
export function returnedEnums(schema: GraphQLSchema): ReadonlySet<string> {
  const returned = new Set<string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue
    for (const field of Object.values(type.getFields())) {
      const named = getNamedType(field.type)
      if (isEnumType(named)) returned.add(named.name)
    }
  }
  return returned
}

/** For each type the interfaces and unions that an object of it can be asked for by. */
export function abstractTypesOf(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const abstracts = new Map<string, string[]>()
  const add = (type: string, abstract: string) => {
    const known = abstracts.get(type)
    if (known === undefined) abstracts.set(type, [abstract])
    else known.push(abstract)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isUnionType(type)) for (const member of type.getTypes()) add(member.name, type.name)
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const parent of type.getInterfaces()) add(type.name, parent.name)
  }
  return abstracts
}
