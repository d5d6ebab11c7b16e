import { expect, test } from 'vitest'
import { createInteractionMatrixBuilder } from '../item-to-item/interaction-matrix.ts'
import type { TrainingChoice } from './algorithms.ts'
import { recipeDifferences, recipeOf, trainingByRecipe } from './recipe.ts'
import { planTraining } from './training-plan.ts'

function matrix() {
  const builder = createInteractionMatrixBuilder()
  for (const item of ['a', 'b']) builder.add('u1', item)
  return builder.build()
}

const CHOICES: readonly TrainingChoice[] = [
  { algorithm: 'ease', parameters: { neighbours: 9 } },
  { algorithm: 'ials', parameters: { seed: 7 } },
  { algorithm: 'item-knn', parameters: { neighbours: 9 } },
]

test.each(CHOICES)(
  'what $algorithm was trained by can be trained again, with the same parameters',
  (choice) => {
    const planned = planTraining(choice, matrix())
    if (planned.type !== 'plan') throw new Error(planned.type)
    const { recipe, description } = planned.plan
    const reading = trainingByRecipe(recipe)
    if (reading.type !== 'choice') throw new Error(reading.differences.join())
    expect(planTraining(reading.choice, matrix())).toMatchObject({ plan: { description, recipe } })
  },
)

const RECIPE = recipeOf('ease', { lambda: 458, neighbours: 200 })

test.each([
  ['another algorithm', { algorithm: 'forest' }, /algorithm is forest/],
  ['another code version', { codeVersion: 'ease/0' }, /code version is ease\/1, and the recipe has ease\/0/],
  ['another data source', { dataSource: 'skips' }, /data source is stored interactions/],
  [
    'a parameter that is not there any more',
    { parameters: { ...RECIPE.parameters, k: 3 } },
    /parameter k is not there/,
  ],
  [
    'too few parameters',
    { parameters: { lambda: 458 } },
    /parameter neighbours is 200, and the recipe has none/,
  ],
])('a recipe with %s is not followed, and it is said why', (_, changes, message) => {
  const reading = trainingByRecipe({ ...RECIPE, ...changes })
  expect(reading).toEqual({ type: 'differs', differences: [expect.stringMatching(message)] })
})

test('of two recipes every difference is told', () => {
  expect(recipeDifferences(RECIPE, RECIPE)).toEqual([])
  const other = { ...RECIPE, codeVersion: 'ease/2', parameters: { lambda: 3, neighbours: 200 } }
  expect(recipeDifferences(RECIPE, other)).toEqual([
    'the parameter lambda is 3, and the recipe has 458',
    'the code version is ease/2, and the recipe has ease/1',
  ])
})
