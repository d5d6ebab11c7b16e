import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SampleConsumption, samplePairs } from '../../testing/samples/consumed-pairs.ts'
import type { ConsumedPairs } from './consumed-pairs.ts'
import { listenersOf } from './listeners.ts'
import { type Split, type SplitChoice, type SplitProblem, splitPairs } from './split.ts'
import { trainMatrix } from './train-part.ts'

const TEMPORAL: SplitChoice = { kind: 'temporal', cutoff: null }
const LEAVE_ONE_OUT: SplitChoice = { kind: 'leave-one-out' }

const consumptionsArbitrary = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 6 }).map((n) => `u${n}`),
    fc.integer({ min: 0, max: 9 }).map((n) => `i${n}`),
    fc.integer({ min: 0, max: 20 }),
  ),
  { minLength: 1, maxLength: 60 },
)

function isSplit(split: Split | SplitProblem): split is Split {
  return !('problem' in split)
}

function made(pairs: ConsumedPairs, choice: SplitChoice): Split {
  const split = splitPairs(pairs, choice)
  if (!isSplit(split)) throw new Error(split.problem)
  return split
}

function relevantOf(split: Split): Record<string, string[]> {
  return Object.fromEntries([...split.relevant].map(([userId, items]) => [userId, [...items].sort()]))
}

describe('pairs of what was consumed', () => {
  test('a repeated item counts once, at its first time and with its strongest interaction', () => {
    const pairs = samplePairs([
      ['u1', 'a', 5],
      ['u1', 'a', 3, 'LIKE'],
      ['u1', 'b', 9, 'IMPRESSION'],
      ['u2', 'a', 7, 'CLICK'],
      ['u2', 'c', 8, 'SKIP'],
    ])
    expect(pairs).toMatchObject({ userIds: ['u1', 'u2'], itemIds: ['a'] })
    expect([[...pairs.users], [...pairs.firstTimes], [...pairs.weights]]).toEqual([
      [0, 1],
      [3, 7],
      [2, 1],
    ])
  })
})

describe('temporal split', () => {
  const pairs = samplePairs([
    ['u1', 'a', 1],
    ['u1', 'b', 5],
    ['u1', 'c', 6],
    ['u2', 'a', 2],
    ['u2', 'd', 4],
    ['u3', 'b', 7],
  ])

  test('asks for what was first consumed at the cutoff or later, of users new by then too', () => {
    const split = made(pairs, { kind: 'temporal', cutoff: 5 })
    expect(relevantOf(split)).toEqual({ u1: ['b', 'c'], u3: ['b'] })
    expect(split.firstTestTime).toBe(5)
    expect([...listenersOf(split)].map(({ userId }) => userId)).toEqual(['u1'])
  })

  test('an item that was consumed before the cutoff is not asked for again', () => {
    const repeated = samplePairs([
      ['u1', 'a', 1],
      ['u1', 'a', 9],
      ['u1', 'b', 8],
    ])
    expect(relevantOf(made(repeated, { kind: 'temporal', cutoff: 5 }))).toEqual({ u1: ['b'] })
  })

  test('without a cutoff the newest fifth of the pairs is asked for, and of one instant all or nothing', () => {
    const times = (...list: number[]) =>
      samplePairs(list.map((time, n): SampleConsumption => ['u1', `i${n}`, time]))
    expect(made(times(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), TEMPORAL).cutoff).toBe(9)
    expect(made(times(1, 2, 3, 4, 5, 6, 7, 9, 9, 10), TEMPORAL).cutoff).toBe(10)
    expect(made(times(1, 9, 9, 9), TEMPORAL).cutoff).toBe(9)
  })

  test('nobody is trained on anything at the cutoff or later, and every pair is on one side', () => {
    fc.assert(
      fc.property(consumptionsArbitrary, fc.integer({ min: 0, max: 20 }), (consumptions, cutoff) => {
        const all = samplePairs(consumptions)
        const split = splitPairs(all, { kind: 'temporal', cutoff })
        if (!isSplit(split)) return
        const asked = [...split.relevant.values()].reduce((sum, items) => sum + items.size, 0)
        const trained = split.inTrain.reduce((sum, one) => sum + one, 0)
        expect(asked + trained).toBe(all.users.length)
        split.inTrain.forEach((one, pair) => {
          expect(one === 1).toBe(all.firstTimes[pair]! < cutoff)
        })
      }),
    )
  })
})

describe('leave-one-out split', () => {
  test('asks for the newest item of each user who has two, of equally new ones for the smaller id', () => {
    const pairs = samplePairs([
      ['u1', 'a', 1],
      ['u1', 'c', 6],
      ['u1', 'b', 6],
      ['u2', 'a', 2],
      ['u3', 'b', 7],
      ['u3', 'a', 9],
    ])
    expect(relevantOf(made(pairs, LEAVE_ONE_OUT))).toEqual({ u1: ['b'], u3: ['a'] })
  })

  test('leaves every listener a history in which nothing is newer than what is asked for', () => {
    fc.assert(
      fc.property(consumptionsArbitrary, (consumptions) => {
        const pairs = samplePairs(consumptions)
        const split = splitPairs(pairs, LEAVE_ONE_OUT)
        if (!isSplit(split)) return
        const time = (userId: string, itemId: string): number =>
          Math.min(...consumptions.filter(([u, i]) => u === userId && i === itemId).map(([, , at]) => at))
        const listeners = [...listenersOf(split)]
        expect(listeners.length).toBe(split.relevant.size)
        for (const { userId, history, relevant } of listeners) {
          const [asked = ''] = relevant
          expect(relevant.size).toBe(1)
          const times = history.map(({ itemId }) => time(userId, itemId))
          expect(times).toEqual(times.toSorted((a, b) => b - a))
          expect(times[0]!).toBeLessThanOrEqual(time(userId, asked))
        }
      }),
    )
  })
})

describe('given test part', () => {
  test('is asked for as it is, but for what the user has in the train part', () => {
    const pairs = samplePairs([
      ['u1', 'a', 0],
      ['u2', 'b', 0],
    ])
    const relevant = new Map([
      ['u1', new Set(['a', 'b'])],
      ['u2', new Set(['b'])],
      ['u9', new Set(['a'])],
    ])
    const split = made(pairs, { kind: 'given', relevant })
    expect(relevantOf(split)).toEqual({ u1: ['b'], u9: ['a'] })
    expect([...split.inTrain]).toEqual([1, 1])
    expect(relevant.get('u1')?.size).toBe(2)
  })
})

test.each([
  [
    'without two times',
    [
      ['u1', 'a', 3],
      ['u1', 'b', 3],
    ],
    TEMPORAL,
    'have the same time',
  ],
  [
    'without two times',
    [
      ['u1', 'a', 0],
      ['u1', 'b', 0],
    ],
    LEAVE_ONE_OUT,
    'have the same time',
  ],
  [
    'with one item a user',
    [
      ['u1', 'a', 3],
      ['u2', 'b', 4],
    ],
    LEAVE_ONE_OUT,
    'no user has two items',
  ],
  [
    'older than the cutoff',
    [
      ['u1', 'a', 3],
      ['u1', 'b', 4],
    ],
    { kind: 'temporal', cutoff: 5 },
    'as new as 1970',
  ],
  [
    'newer than the cutoff',
    [
      ['u1', 'a', 3],
      ['u1', 'b', 4],
    ],
    { kind: 'temporal', cutoff: 3 },
    'train part is empty',
  ],
  [
    'given only what is known',
    [['u1', 'a', 3]],
    { kind: 'given', relevant: new Map([['u1', new Set(['a'])]]) },
    'was trained on',
  ],
] as [string, SampleConsumption[], SplitChoice, string][])(
  'refuses pairs %s',
  (_, consumptions, choice, problem) => {
    expect(splitPairs(samplePairs(consumptions), choice)).toEqual({
      problem: expect.stringContaining(problem),
    })
  },
)

test('the train part that models learn from has nothing of the test part', () => {
  fc.assert(
    fc.property(consumptionsArbitrary, fc.constantFrom(TEMPORAL, LEAVE_ONE_OUT), (consumptions, choice) => {
      const split = splitPairs(samplePairs(consumptions), choice)
      if (!isSplit(split)) return
      const matrix = trainMatrix(split)
      const trained = split.inTrain.reduce((sum, one) => sum + one, 0)
      expect(matrix.items.length).toBe(trained)
      for (const { history, relevant } of listenersOf(split)) {
        for (const { itemId } of history) expect(relevant.has(itemId)).toBe(false)
      }
    }),
  )
})
