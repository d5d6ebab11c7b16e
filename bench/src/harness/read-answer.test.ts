import { expect, test } from 'vitest'
import { endOfFirstPart } from './read-answer.ts'

const FIRST = '\r\n---\r\ncontent-type: application/json\r\n\r\n{"data":"a --- b"}\r\n---'

test('the first part ends with the boundary after it, and not with the same characters inside it', () => {
  expect(endOfFirstPart(`${FIRST}\r\ncontent-type: application/json`, '-')).toBe(FIRST.length)
  expect(endOfFirstPart(`${FIRST}--\r\n`, '-')).toBe(FIRST.length)
})

test('without the boundary after it, the first part is not complete', () => {
  expect(endOfFirstPart(FIRST.slice(0, -1), '-')).toBeNull()
  expect(endOfFirstPart('', '-')).toBeNull()
})
