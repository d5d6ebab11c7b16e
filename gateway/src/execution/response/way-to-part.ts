import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { fieldNameOf } from './client-keys.ts'
import { typeConditionOf } from './response-path.ts'

/**
 * Selects nothing but the objects on the way from a deferred part to one that stands in it, both given by the planner's
 * paths; null where both stand at the same object.
 */
export function wayToPart(outer: readonly string[], inner: readonly string[]): SelectionSetNode | null {
  const isField = (step: string) => typeConditionOf(step) === undefined
  const depth = outer.filter(isField).length
  const steps = inner.filter((_, index) => inner.slice(0, index).filter(isField).length >= depth)
  if (!steps.some(isField)) return null
  return steps.reduceRight<SelectionSetNode>(
    (selectionSet, step) => ({ kind: Kind.SELECTION_SET, selections: [selectStep(step, selectionSet)] }),
    { kind: Kind.SELECTION_SET, selections: [] },
  )
}

function selectStep(step: string, selectionSet: SelectionSetNode): SelectionNode {
  const condition = typeConditionOf(step)
  if (condition !== undefined) {
    const typeCondition = {
      kind: Kind.NAMED_TYPE,
      name: { kind: Kind.NAME, value: condition },
    } as const
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }
  }
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: step },
    name: { kind: Kind.NAME, value: fieldNameOf(step) },
    selectionSet,
  }
}
