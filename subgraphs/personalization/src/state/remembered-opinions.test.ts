import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countingOpinion, type Opinion } from '../domain/interaction.ts'
import { blocksOf } from '../domain/pipeline/hydration/user-history.ts'
import { createRememberedOpinions } from './remembered-opinions.ts'

function opinion(itemId: string, type: Opinion['type'], occurredAt = 0): Opinion {
  return { itemId, type, occurredAt }
}

describe('remembered opinions', () => {
  test('are those that block, until a later LIKE', () => {
    const remembered = createRememberedOpinions()
    remembered.remember('u1', [opinion('a', 'HIDE', 1), opinion('b', 'DISLIKE', 1), opinion('c', 'LIKE', 1)])
    remembered.remember('u1', [opinion('a', 'LIKE', 2), opinion('b', 'LIKE', 0)])
    expect([...blocksOf(remembered.of('u1')).items]).toEqual(['b'])
    expect([...remembered.of('u2')]).toEqual([])
    expect(remembered.size()).toBe(2)
  })

  test('show nothing that is blocked, in whatever order they arrive, and are exact after a read of all of them', () => {
    const opinions = fc.array(
      fc.record({
        itemId: fc.constantFrom('a', 'b'),
        type: fc.constantFrom('LIKE', 'DISLIKE', 'HIDE'),
        occurredAt: fc.nat({ max: 3 }),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(opinions, fc.infiniteStream(fc.nat()), (all, order) => {
        const remembered = createRememberedOpinions()
        const shuffled = all.map((one) => ({ one, at: order.next().value ?? 0 })).sort((a, b) => a.at - b.at)
        for (const { one } of shuffled) remembered.remember('u1', [one])
        const counting = Map.groupBy(all, ({ itemId }) => itemId).values()
        const history = [...counting].map((of) => of.reduce(countingOpinion))
        const { items } = blocksOf(history)
        expect([...blocksOf(remembered.of('u1')).items]).toEqual(expect.arrayContaining([...items]))
        remembered.remember('u1', history)
        expect(blocksOf(remembered.of('u1')).items).toEqual(items)
      }),
    )
  })

  test('forget the least recent users, the oldest opinions of one user, and whom they are told to', () => {
    const remembered = createRememberedOpinions({ maxOpinions: 4, maxOfUser: 2 })
    const blocked = (userId: string) => [...remembered.of(userId)].map(({ itemId }) => itemId)
    remembered.remember('u1', [opinion('a', 'HIDE', 1), opinion('b', 'HIDE', 3), opinion('c', 'HIDE', 2)])
    expect(blocked('u1')).toEqual(['b', 'c'])
    remembered.remember('u2', [opinion('d', 'HIDE')])
    remembered.remember('u3', [opinion('e', 'HIDE')])
    expect([remembered.size(), blocked('u1')]).toEqual([4, ['b', 'c']])
    remembered.remember('u3', [opinion('f', 'HIDE')])
    expect(['u1', 'u2', 'u3'].map(blocked)).toEqual([['b', 'c'], [], ['e', 'f']])
    remembered.forget('u1')
    expect([remembered.size(), blocked('u1')]).toEqual([2, []])
  })
})
