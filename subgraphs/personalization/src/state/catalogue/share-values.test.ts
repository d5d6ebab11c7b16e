import { expect, test } from 'vitest'
import type { Item } from '../../domain/item.ts'
import { createValueSharing } from './share-values.ts'

/** With texts and lists of its own, as what comes from another thread. */
function itemOf(id: string, creator: string | null, categories: string[], markets: string[]): Item {
  return structuredClone({
    ...{ id, title: id, creator, categories, available: true, availableFrom: null, availableUntil: null },
    ...{ markets, createdAt: 1, attributes: { group: id } },
  })
}

test('items stay equal to what they were, and equal lists become one list', () => {
  const share = createValueSharing()
  const items = [
    itemOf('1', 'ann', ['pop', 'rock'], []),
    itemOf('2', 'ann', ['pop', 'rock'], []),
    itemOf('3', null, ['pop,rock'], ['se']),
    itemOf('4', 'bob', [], ['se']),
  ]
  const [first, second, third, fourth] = items.map(share)
  expect([first, second, third, fourth]).toEqual(items)
  expect(second?.categories).toBe(first?.categories)
  expect(third?.categories).not.toBe(first?.categories)
  expect(fourth?.markets).toBe(third?.markets)
})

test('with more values than are remembered, what was shared first is forgotten', () => {
  const share = createValueSharing('["pop"]["rock"][]'.length)
  const categoriesOf = (...names: string[]) => share(itemOf('1', null, names, [])).categories
  const pop = categoriesOf('pop')
  expect(categoriesOf('rock')).toEqual(['rock'])
  expect(categoriesOf('pop')).toBe(pop)
  expect(categoriesOf('folk')).toEqual(['folk'])
  expect(categoriesOf('pop')).toEqual(['pop'])
  expect(categoriesOf('pop')).not.toBe(pop)
})
