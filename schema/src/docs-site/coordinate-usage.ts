import {
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { KnownOperations } from '../model/operation.ts'

/** How many known operations use an element, and how often these were sent as far as usage is recorded. */
export type CoordinateUsage = { readonly operations: number; readonly requests: number }

const UNUSED: CoordinateUsage = { operations: 0, requests: 0 }

/** The use of every coordinate: types, fields, arguments, and the input fields and enum values that are written out. */
export function countUsage(
  schema: GraphQLSchema,
  { operations, recorded }: KnownOperations,
): (coordinate: string) => CoordinateUsage {
  const usage = new Map<string, CoordinateUsage>()
  const add = (coordinate: string, more: CoordinateUsage) => {
    const known = usage.get(coordinate) ?? UNUSED
    usage.set(coordinate, {
      operations: known.operations + more.operations,
      requests: known.requests + more.requests,
    })
  }
  for (const { document, usage: recordedOf } of operations) {
    const requests = recordedOf?.count ?? 0
    for (const coordinate of coordinatesOf(schema, document)) add(coordinate, { operations: 1, requests })
  }
  for (const [coordinate, requests] of recorded?.coordinates ?? [])
    add(coordinate, { operations: 0, requests })
  return (coordinate) => usage.get(coordinate) ?? UNUSED
}

function coordinatesOf(schema: GraphQLSchema, document: string): ReadonlySet<string> {
  const used = new Set<string>()
  const info = new TypeInfo(schema)
  const ofField = () => `${info.getParentType()?.name}.${info.getFieldDef()?.name}`
  visit(
    parse(document, { noLocation: true }),
    visitWithTypeInfo(info, {
      [Kind.FIELD]() {
        if (!info.getParentType() || !info.getFieldDef()) return
        used.add(ofField())
        used.add(info.getParentType()?.name ?? '')
        used.add(getNamedType(info.getType())?.name ?? '')
      },
      [Kind.ARGUMENT]() {
        const argument = info.getArgument()
        if (!argument || info.getDirective()) return
        used.add(`${ofField()}(${argument.name}:)`)
        used.add(getNamedType(argument.type).name)
      },
      [Kind.VARIABLE_DEFINITION]() {
        const type = getNamedType(info.getInputType())
        if (type) used.add(type.name)
      },
      [Kind.OBJECT_FIELD](node) {
        const parent = getNamedType(info.getParentInputType())
        if (isInputObjectType(parent)) used.add(`${parent.name}.${node.name.value}`)
      },
      [Kind.ENUM](node) {
        const type = getNamedType(info.getInputType())
        if (isEnumType(type)) used.add(`${type.name}.${node.value}`)
      },
    }),
  )
  return used
}
