import { expect, test } from 'vitest'
import { sampleFailingModel, sampleRankingModel } from '../../testing/samples/models.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import { measuredModel } from './measured-model.ts'

/** What is counted of one list for somebody with so many likes. */
function counted(
  model: RecommendationModel,
  { likes = 2, limit = 80, isEligible }: { likes?: number; limit?: number; isEligible?: () => boolean },
): readonly string[] {
  const outcomes: string[] = []
  const measured = measuredModel(
    model,
    () => 0,
    ({ failed, itemIds }) => outcomes.push(failed ? 'failed' : `${itemIds.length} items`),
  )
  const history = Array.from({ length: likes }, (_, at) => ({ itemId: `like ${at}`, weight: 1 }))
  try {
    measured.recommend(history, limit, isEligible)
  } catch {
    outcomes.push('threw')
  }
  return outcomes
}

const some = sampleRankingModel(['a', 'b'])
const none = sampleRankingModel([])

test('the lists of slates count, empty ones too', () => {
  expect(counted(some, {})).toEqual(['2 items'])
  expect(counted(none, {})).toEqual(['0 items'])
  expect(counted(none, { likes: 0 })).toEqual(['0 items'])
})

test('what filters have emptied does not count, nor a list for a single item, nor a short one', () => {
  expect(counted(some, { isEligible: () => false })).toEqual([])
  for (const model of [some, none]) {
    expect(counted(model, { likes: 1 })).toEqual([])
    expect(counted(model, { limit: 59 })).toEqual([])
  }
})

test('a failure always counts', () => {
  const failing = sampleFailingModel()
  for (const one of [{}, { likes: 1 }, { limit: 1 }]) {
    expect(counted(failing, one)).toEqual(['failed', 'threw'])
  }
})
