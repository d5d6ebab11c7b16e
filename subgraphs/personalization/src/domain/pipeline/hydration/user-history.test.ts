import { describe, expect, test } from 'vitest'
import { sampleHistory } from '../../../testing/samples/interactions.ts'

describe('readHistory', () => {
  test('an item counts once, with its strongest interaction, newest first', () => {
    const history = sampleHistory([
      ['b', 'PLAY'],
      ['a', 'PLAY'],
      ['b', 'LIKE'],
      ['b', 'CLICK'],
    ])
    expect(history.likes).toEqual([
      { itemId: 'b', weight: 2 },
      { itemId: 'a', weight: 1 },
    ])
    expect([...history.consumed]).toEqual(['b', 'a'])
  })

  test('what a user blocked speaks for nothing, even if they had it before or after', () => {
    const history = sampleHistory([
      ['a', 'PLAY'],
      ['a', 'DISLIKE'],
      ['b', 'HIDE'],
      ['b', 'LIKE'],
    ])
    expect(history.likes).toEqual([])
    expect([...history.blocked]).toEqual(['a', 'b'])
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
    expect(history.consumed.size + history.blocked.size + history.likes.length).toBe(0)
  })
})
