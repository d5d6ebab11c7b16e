import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { meetsTypeCondition } from '../response/type-conditions.ts'

const TYPENAME = '__typename'

/**
 * The keys of the fields that represent an object of this type.
 * @returns null where the fields of objects in it are needed too
 */
export function requiredKeys(
  requires: readonly QueryPlanSelectionNode[],
  typename: string,
  schema: GraphQLSchema,
): readonly string[] | null {
  const keys = new Set<string>()
  function add(selections: readonly QueryPlanSelectionNode[]): boolean {
    return selections.every((selection) => {
      if (selection.kind === 'InlineFragment') {
        const { typeCondition, selections } = selection
        const applies = typeCondition !== undefined && meetsTypeCondition(schema, typename, typeCondition)
        return !applies || add(selections)
      }
      keys.add(selection.alias ?? selection.name)
      return selection.selections === undefined
    })
  }
  return add(requires) && keys.has(TYPENAME) ? [...keys] : null
}

/** The text of a representation: what stands around the captured values, and their indices among the captures. */
export function representation(
  keys: readonly string[],
  typename: string,
  captures: readonly string[],
): readonly (string | number)[] {
  const parts = keys.flatMap((key, index): (string | number)[] => {
    const lead = `${index === 0 ? '{' : ','}"${key}":`
    return key === TYPENAME ? [`${lead}"${typename}"`] : [lead, captures.indexOf(key)]
  })
  return [...parts, '}']
}
