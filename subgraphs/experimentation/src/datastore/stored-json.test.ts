import { expect, test } from 'vitest'
import { sampleExperiment, sampleSnapshot } from '../testing/samples.ts'
import { readEvent, readExperiment, readSnapshot } from './stored-json.ts'

test('fields that a newer release wrote are kept', () => {
  const text = JSON.stringify({ ...sampleSnapshot(1), newerField: { $a: 1 } })
  expect(JSON.stringify(readSnapshot(text))).toBe(text)
})

test('a text that does not match is an error that says what is wrong', () => {
  const { owner: _, ...withoutOwner } = sampleExperiment({ key: 'mix' })
  expect(() => readExperiment(JSON.stringify(withoutOwner))).toThrow(
    /the stored experiment cannot be read: [\s\S]*owner/,
  )
  expect(() => readEvent('{"kind":"exposure"}')).toThrow('the stored event cannot be read')
})
