import {
  type GraphQLNamedType,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** Where a type is used: a field, an argument or an input field. */
export type Reference = { readonly coordinate: string; readonly type: string; readonly field: string }

/** Where each type is used, by its name. */
export function referencesTo(types: readonly GraphQLNamedType[]): ReadonlyMap<string, readonly Reference[]> {
  const references = new Map<string, Reference[]>()
  function add(to: string, reference: Reference): void {
    const known = references.get(to)
    if (known === undefined) references.set(to, [reference])
    else known.push(reference)
  }
  for (const type of types) {
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      add(nameOf(field.type), { coordinate, type: type.name, field: field.name })
      for (const argument of 'args' in field ? field.args : []) {
        const ofArgument = `${coordinate}(${argument.name}:)`
        add(nameOf(argument.type), { coordinate: ofArgument, type: type.name, field: field.name })
      }
    }
  }
  return references
}

function nameOf(type: GraphQLType): string {
  return getNamedType(type).name
}
