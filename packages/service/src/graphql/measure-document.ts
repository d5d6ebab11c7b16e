import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf, isDeferred } from './fragments.ts'

/** What the operations of a document amount to, with fragments expanded. */
export type DocumentMeasures = {
  /** The deepest selection of any operation; 1 for an operation whose fields have no fields. */
  readonly depth: number
  /** The most fields at the root of one operation. */
  readonly rootFields: number
  /**
   * Of all operations together, since validation walks through all of them. What is in a fragment with `@defer` counts
   * twice, since the planner does most of its work a second time for it.
   */
  readonly selections: number
  readonly aliases: number
  readonly directives: number
  /** Fragments with `@defer`, whether its condition holds or not. */
  readonly deferredFragments: number
}

type Mutable = { -readonly [Name in keyof DocumentMeasures]: number }

const NOTHING: DocumentMeasures = {
  depth: 0,
  rootFields: 0,
  selections: 0,
  aliases: 0,
  directives: 0,
  deferredFragments: 0,
}

/** A fragment that is spread twice counts twice, but it is walked once: fragments can double many times over. */
export function measureDocument(document: DocumentNode): DocumentMeasures {
  const fragments = fragmentsOf(document)
  const known = new Map<FragmentDefinitionNode, Mutable>()

  /** `rootFields` are those of this set. */
  function measureSet({ selections }: SelectionSetNode): Mutable {
    const sum: Mutable = { ...NOTHING, depth: 1, selections: selections.length }
    for (const selection of selections) {
      sum.directives += selection.directives?.length ?? 0
      if (selection.kind === Kind.FIELD) {
        sum.rootFields += 1
        if (selection.alias) sum.aliases += 1
      }
      const below = measureBelow(selection)
      if (below) add(sum, below)
      if (!isDeferred(selection)) continue
      sum.deferredFragments += 1
      add(sum, { ...NOTHING, selections: below?.selections ?? 0 })
    }
    return sum
  }

  function measureBelow(selection: SelectionNode): DocumentMeasures | undefined {
    switch (selection.kind) {
      case Kind.FIELD:
        return selection.selectionSet && { ...measureSet(selection.selectionSet), rootFields: 0 }
      case Kind.INLINE_FRAGMENT:
        return measureSet(selection.selectionSet)
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments.get(selection.name.value)
        return fragment && measureFragment(fragment)
      }
    }
  }

  function measureFragment(fragment: FragmentDefinitionNode): Mutable {
    const measured = known.get(fragment)
    if (measured) return measured
    // A fragment that leads back to itself is refused by a validation rule; here it only must not be followed.
    known.set(fragment, { ...NOTHING })
    const whole = measureSet(fragment.selectionSet)
    whole.directives += fragment.directives?.length ?? 0
    known.set(fragment, whole)
    return whole
  }

  const total: Mutable = { ...NOTHING }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const operation = measureSet(definition.selectionSet)
    total.depth = Math.max(total.depth, operation.depth)
    total.rootFields = Math.max(total.rootFields, operation.rootFields)
    total.selections += operation.selections
    total.aliases += operation.aliases
    total.deferredFragments += operation.deferredFragments
    total.directives += operation.directives + (definition.directives?.length ?? 0)
    for (const { directives = [] } of definition.variableDefinitions ?? []) {
      total.directives += directives.length
    }
  }
  return total
}

/** Adds what is one level below. Numbers beyond what a double counts exactly stay where they are. */
function add(sum: Mutable, below: DocumentMeasures): void {
  sum.depth = Math.max(sum.depth, below.depth + 1)
  for (const name of ['rootFields', 'selections', 'aliases', 'directives', 'deferredFragments'] as const) {
    sum[name] = Math.min(sum[name] + below[name], Number.MAX_SAFE_INTEGER)
  }
}
