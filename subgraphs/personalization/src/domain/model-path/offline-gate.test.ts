import { expect, test } from 'vitest'
import { sampleComparison, sampleEvaluation } from '../../testing/samples/evaluations.ts'
import { DEFAULT_GATES } from './gates.ts'
import { offlineProblems } from './offline-gate.ts'

const FIRST = { championId: null, gates: DEFAULT_GATES }
const CHALLENGER = { championId: 'champion-v1', gates: DEFAULT_GATES }

/** Of a champion that has .2, so the margin is .01. */
function evaluation(lower: number | null, championId: string | null = 'champion-v1') {
  return sampleEvaluation({ championId, report: sampleComparison(lower) })
}

test('a challenger may be worse by no more than the margin, by the lower bound', () => {
  expect(offlineProblems(evaluation(-0.01), CHALLENGER)).toEqual([])
  expect(offlineProblems(evaluation(-0.0101), CHALLENGER)).toEqual([
    'its ndcg@10 may be too far below that of champion-v1: the interval of the difference begins at -0.0101, and -0.0100 is the least',
  ])
})

test('the first model has to be better than what is popular', () => {
  expect(offlineProblems(evaluation(0.0001, null), FIRST)).toEqual([])
  for (const lower of [0, -0.001]) {
    expect(offlineProblems(evaluation(lower, null), FIRST)).toEqual([
      expect.stringMatching(/not shown to be above that of what is popular/),
    ])
  }
})

test('only an evaluation against what serves now counts', () => {
  expect(offlineProblems(null, CHALLENGER)).toEqual(['it was not evaluated against champion-v1'])
  expect(offlineProblems(evaluation(1, null), CHALLENGER)).toEqual([
    'it was evaluated against what is popular, and now champion-v1 serves: evaluate it again',
  ])
  expect(offlineProblems(evaluation(1, 'old-v1'), FIRST)).toHaveLength(1)
})

test('an evaluation without the metric or its interval, or a list that takes too long, is not enough', () => {
  const other = sampleEvaluation({ report: sampleComparison(0.1, { name: 'recall@10' }) })
  expect(offlineProblems(other, FIRST)).toEqual(['its evaluation has no ndcg@10 with an interval'])
  expect(offlineProblems(evaluation(null, null), FIRST)).toHaveLength(1)
  const { maxLatencyP99Ms } = DEFAULT_GATES.offline
  expect(offlineProblems({ ...evaluation(1, null), latencyP99Ms: maxLatencyP99Ms }, FIRST)).toEqual([])
  expect(offlineProblems({ ...evaluation(0, null), latencyP99Ms: maxLatencyP99Ms + 0.1 }, FIRST)).toEqual([
    expect.stringMatching(/not shown/),
    'a list took 20.1 ms (99th percentile), and 20 ms is the budget',
  ])
})
