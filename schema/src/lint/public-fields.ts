import { type GraphQLField, isInterfaceType, isObjectType } from 'graphql'
import type { FieldView, TypeView } from './graph-index.ts'

export type PublicField = { readonly view: FieldView; readonly api: GraphQLField<unknown, unknown> }

/** The fields of an object or interface that clients see, with their types in the composed graph. */
export function publicFieldsOf({ api, fields }: TypeView): readonly PublicField[] {
  if (!isObjectType(api) && !isInterfaceType(api)) return []
  const publicFields = api.getFields()
  return fields.flatMap((view) => {
    const field = publicFields[view.name]
    return field ? [{ view, api: field }] : []
  })
}
