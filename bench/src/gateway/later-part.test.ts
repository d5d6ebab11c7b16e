import { expect, test } from 'vitest'
import { endsWith } from './later-part.ts'

function answer(later: string, end = '\r\n-----\r\n'): string {
  const head = 'content-type: application/json\r\n\r\n'
  return `\r\n---\r\n${head}{"data":{"a":1},"hasNext":true}\r\n---\r\n${head}${later}${end}`
}

const EXPOSURES = '{"incremental":[{"data":{"exposures":[{"experimentKey":"x"}]}}],"hasNext":false}'
const ERROR =
  '{"incremental":[{"data":{"exposures":null},"errors":[{"code":"SUBGRAPH_DEADLINE"}]}],"hasNext":false}'

test('an answer that brings what was deferred is told from one that says why it is missing', () => {
  expect(endsWith(answer(EXPOSURES), 'exposures')).toBe(true)
  expect(endsWith(answer(ERROR), 'error')).toBe(true)
  expect(endsWith(answer(EXPOSURES), 'error')).toBe(false)
  expect(endsWith(answer(ERROR), 'exposures')).toBe(false)
})

test('an answer that is not closed is not complete', () => {
  expect(endsWith(answer(EXPOSURES, '\r\n---\r\n'), 'exposures')).toBe(false)
  expect(endsWith(answer(EXPOSURES, ''), 'exposures')).toBe(false)
  expect(endsWith(answer(EXPOSURES.replace('false', 'true')), 'exposures')).toBe(false)
})

test('a plain answer has no later part', () => {
  expect(endsWith('{"data":{"exposures":[{"experimentKey":"x"}]}}', 'exposures')).toBe(false)
})
