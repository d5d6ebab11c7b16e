import type { Recipe } from '@bulkhead/contracts'
import { DEFAULT_EASE, EASE_CODE_VERSION } from '../ease/parameters.ts'
import { DEFAULT_IALS, IALS_CODE_VERSION } from '../ials/parameters.ts'
import { CONSUMING_TYPES } from '../interaction.ts'
import { DEFAULT_PARAMETERS, ITEM_TO_ITEM_CODE_VERSION } from '../item-to-item/parameters.ts'
import { ALGORITHMS, type Algorithm, type TrainingChoice } from './algorithms.ts'

/** What every training of this release learns from. */
const DATA_SOURCE = `stored interactions of type ${CONSUMING_TYPES.join(', ')}`

const CODE_VERSIONS: Readonly<Record<Algorithm, string>> = {
  ease: EASE_CODE_VERSION,
  ials: IALS_CODE_VERSION,
  'item-knn': ITEM_TO_ITEM_CODE_VERSION,
}

const DEFAULTS: Readonly<Record<Algorithm, Readonly<Record<string, number>>>> = {
  ease: DEFAULT_EASE,
  ials: DEFAULT_IALS,
  'item-knn': DEFAULT_PARAMETERS,
}

/** How this release trains by an algorithm with these parameters. */
export function recipeOf(algorithm: Algorithm, parameters: Readonly<Record<string, number>>): Recipe {
  return {
    algorithm,
    parameters: { ...parameters },
    dataSource: DATA_SOURCE,
    codeVersion: CODE_VERSIONS[algorithm],
  }
}

/** In what two recipes differ, each in a sentence; empty where they are the same. */
export function recipeDifferences(bound: Recipe, own: Recipe): readonly string[] {
  const names = [...new Set([...Object.keys(bound.parameters), ...Object.keys(own.parameters)])]
  const pairs: (readonly [
    what: string,
    bound: string | number | undefined,
    own: string | number | undefined,
  ])[] = [
    ['algorithm', bound.algorithm, own.algorithm],
    ...names.map((name) => [`parameter ${name}`, bound.parameters[name], own.parameters[name]] as const),
    ['data source', bound.dataSource, own.dataSource],
    ['code version', bound.codeVersion, own.codeVersion],
  ]
  return pairs
    .filter(([, one, other]) => one !== other)
    .map(
      ([what, one, other]) => `the ${what} is ${other ?? 'not there'}, and the recipe has ${one ?? 'none'}`,
    )
}

export type RecipeReading =
  | { readonly type: 'choice'; readonly choice: TrainingChoice }
  /** In what this release cannot follow it, each in a sentence. */
  | { readonly type: 'differs'; readonly differences: readonly string[] }

/** What to train by a recipe, if this release still can. */
export function trainingByRecipe(recipe: Recipe): RecipeReading {
  const algorithm = ALGORITHMS.find((one) => one === recipe.algorithm)
  if (algorithm === undefined) {
    const known = ALGORITHMS.join(', ')
    return {
      type: 'differs',
      differences: [`the recipe's algorithm is ${recipe.algorithm}, and this release has ${known}`],
    }
  }
  const own = { ...DEFAULTS[algorithm] }
  for (const [name, value] of Object.entries(recipe.parameters)) {
    if (Object.hasOwn(own, name)) own[name] = value
  }
  const differences = recipeDifferences(recipe, recipeOf(algorithm, own))
  return differences.length > 0
    ? { type: 'differs', differences }
    : { type: 'choice', choice: { algorithm, parameters: own } }
}
