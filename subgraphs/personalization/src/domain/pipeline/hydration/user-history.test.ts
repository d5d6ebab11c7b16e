import { describe, expect, test } from 'vitest'
import { sampleHistory } from '../../../testing/samples/interactions.ts'
import { MAX_LIKES } from './user-history.ts'

describe('readHistory', () => {
  test('an item counts once, with its strongest interaction, newest first', () => {
    const history = sampleHistory([
      ['b', 'PLAY'],
      ['a', 'PLAY'],
      ['b', 'LIKE'],
      ['c', 'LIKE'],
    ])
    expect(history.likes).toEqual([
      { itemId: 'b', weight: 2 },
      { itemId: 'a', weight: 1 },
      { itemId: 'c', weight: 2 },
    ])
    expect(history.consumed).toEqual(new Set(['a', 'b', 'c']))
  })

  test('what a user blocked speaks for nothing, even if they use it before or after', () => {
    const history = sampleHistory([
      ['b', 'PLAY'],
      ['a', 'DISLIKE'],
      ['b', 'HIDE', 'creator of b'],
      ['a', 'PLAY'],
    ])
    expect(history.likes).toEqual([])
    expect(history.blocked).toEqual({ items: new Set(['a', 'b']), creators: new Set(['creator of b']) })
  })

  test('skips are counted, and speak neither for an item nor against ever showing it', () => {
    const history = sampleHistory([
      ['a', 'SKIP'],
      ['a', 'SKIP'],
      ['b', 'SKIP'],
    ])
    expect(history.skips).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    )
    expect(history.consumed.size + history.blocked.items.size + history.likes.length).toBe(0)
  })

  test('of more items than may speak for others, the liked ones do, then the newest', () => {
    const used = Array.from({ length: MAX_LIKES }, (_, at) => [`used${at}`, 'PLAY'] as const)
    const liked = Array.from({ length: 3 }, (_, at) => [`liked${at}`, 'LIKE'] as const)
    const { likes, consumed } = sampleHistory([...used, ...liked])
    expect(likes.map(({ itemId }) => itemId)).toEqual([
      ...used.slice(0, MAX_LIKES - 3).map(([itemId]) => itemId),
      'liked0',
      'liked1',
      'liked2',
    ])
    expect(consumed.size).toBe(MAX_LIKES + 3)
  })
})
