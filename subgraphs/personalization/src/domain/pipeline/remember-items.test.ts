import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../testing/samples/catalogue.ts'
import { rememberItems } from './remember-items.ts'

function counted(items: number) {
  const asked: string[] = []
  const catalogue = sampleCatalogue(sampleItems(items))
  return {
    asked,
    catalogue: rememberItems({
      ...catalogue,
      itemById(id: string) {
        asked.push(id)
        return catalogue.itemById(id)
      },
    }),
  }
}

test('looks an item up once', () => {
  const { asked, catalogue } = counted(2)
  expect(catalogue.itemById('i0')?.id).toBe('i0')
  expect(catalogue.itemById('i1')?.id).toBe('i1')
  expect(catalogue.itemById('i0')?.id).toBe('i0')
  expect(asked).toEqual(['i0', 'i1'])
})

test('knows what the catalogue knows beyond what it remembers', () => {
  const { asked, catalogue } = counted(1_500)
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 1_500; n++) expect(catalogue.itemById(`i${n}`)?.id).toBe(`i${n}`)
  }
  expect(asked).toHaveLength(2_000)
  expect(catalogue.itemById('none')).toBeUndefined()
  expect(catalogue.size()).toBe(1_500)
})

test('finds items by their place in a model without a look-up by id', () => {
  const { asked, catalogue } = counted(2)
  const itemAt = catalogue.itemsOf(['i1', 'gone'])
  expect([itemAt(0)?.id, itemAt(1), itemAt(2)]).toEqual(['i1', undefined, undefined])
  expect(asked).toEqual([])
})
