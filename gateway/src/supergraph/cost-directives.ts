import { costIdentity, type Supergraph as FederationSupergraph } from '@apollo/federation-internals'
import { type Annotated, argumentsOf } from './join-directives.ts'

/** `@listSize` of a field. */
export type ListSize = {
  /** Null where the directive gives none. */
  readonly assumedSize: number | null
  readonly slicingArguments: readonly string[]
  /** The fields of the field's object whose size it is; empty where it is that of the field itself. */
  readonly sizedFields: ReadonlySet<string>
  readonly requireOneSlicingArgument: boolean
}

/** What `@cost` and `@listSize` of a supergraph say. Keys are `Type`, `Type.field` and `Type.field(argument:)`. */
export type CostDirectives = {
  readonly weights: ReadonlyMap<string, number>
  readonly listSizes: ReadonlyMap<string, ListSize>
}

export function costDirectivesOf({ schema }: FederationSupergraph): CostDirectives {
  const weights = new Map<string, number>()
  const listSizes = new Map<string, ListSize>()
  const feature = schema.coreFeatures?.getByIdentity(costIdentity)
  if (!feature) return { weights, listSizes }
  // A supergraph may import them by other names.
  const cost = feature.directiveNameInSchema('cost')
  const listSize = feature.directiveNameInSchema('listSize')

  function read(element: Annotated, key: string): void {
    for (const { weight } of argumentsOf(element, cost)) weights.set(key, Number(weight))
    for (const given of argumentsOf(element, listSize)) {
      listSizes.set(key, {
        assumedSize: (given.assumedSize as number | null | undefined) ?? null,
        slicingArguments: (given.slicingArguments as readonly string[] | null | undefined) ?? [],
        sizedFields: new Set((given.sizedFields as readonly string[] | null | undefined) ?? []),
        requireOneSlicingArgument: given.requireOneSlicingArgument !== false,
      })
    }
  }

  for (const type of schema.types()) {
    read(type, type.name)
    if (type.kind === 'InputObjectType') {
      for (const field of type.fields()) read(field, `${type.name}.${field.name}`)
    }
    if (type.kind !== 'ObjectType' && type.kind !== 'InterfaceType') continue
    for (const field of type.fields()) {
      const key = `${type.name}.${field.name}`
      read(field, key)
      for (const argument of field.arguments()) read(argument, `${key}(${argument.name}:)`)
    }
  }
  return { weights, listSizes }
}
