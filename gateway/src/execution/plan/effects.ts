import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import {
  type DocumentNode,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Supergraph } from '../../supergraph/supergraph.ts'

const ENTITIES = '_entities'

/** Whether a fetch selects a field that is tagged `effect`, at any depth. */
export function hasEffect(document: DocumentNode, { fullSchema, effects }: Supergraph): boolean {
  if (effects.size === 0) return false
  const fragments = fragmentsOf(document)

  function within(set: SelectionSetNode | undefined, typename: string | undefined): boolean {
    return (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return within(selection.selectionSet, selection.typeCondition?.name.value ?? typename)
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value)
        return within(fragment?.selectionSet, fragment?.typeCondition.name.value)
      }
      const name = selection.name.value
      if (name === ENTITIES) return within(selection.selectionSet, undefined)
      const type = typename === undefined ? undefined : fullSchema.getType(typename)
      if (!isObjectType(type) && !isInterfaceType(type)) return false
      if (isEffect(type.name, name)) return true
      const field = type.getFields()[name]
      return within(selection.selectionSet, field && getNamedType(field.type).name)
    })
  }

  /** A tag on an interface's field holds for its types, and the other way round. */
  function isEffect(typename: string, field: string): boolean {
    if (effects.has(`${typename}.${field}`)) return true
    const type = fullSchema.getType(typename)
    if (isObjectType(type)) return type.getInterfaces().some(({ name }) => effects.has(`${name}.${field}`))
    if (!isInterfaceType(type)) return false
    return fullSchema.getPossibleTypes(type).some(({ name }) => effects.has(`${name}.${field}`))
  }

  return document.definitions.some((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return false
    if (definition.operation !== 'query') return true
    return within(definition.selectionSet, fullSchema.getQueryType()?.name)
  })
}
