import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { detectInteractionFormat, readSample } from './detect-format.ts'
import { ImportError } from './import-error.ts'

/** Research data that stands beside the repository and never in it. */
const DATA = new URL('../../../../../shared/data/', import.meta.url)

describe('detecting how a file of interactions looks', () => {
  test.each([
    ['user and item', ['1 101', '2 102'], 'ratings'],
    ['stars', ['1 101 5', '2 102 0.5', '3 103 10'], 'ratings'],
    ['any rating with its time', ['1 101 85 881250949', '2 102 60 891717742'], 'ratings'],
    ['lists of two names each', ['u1 a b', 'u2 c d'], 'lists'],
    ['lists of many lengths', ['1 101 102', '2 103', '3 101 102 103 104'], 'lists'],
    ['lists of three items each', ['1 101 102 103', '2 104 105 106'], 'lists'],
  ])('%s', (_, sample, format) => {
    expect(detectInteractionFormat(sample)).toBe(format)
  })

  test('three numbers a line, of which the third is hardly a rating, are not guessed at', () => {
    const sample = ['1 101 102', '2 103 7', '3 101 104']
    expect(() => detectInteractionFormat(sample)).toThrow(ImportError)
    expect(() => detectInteractionFormat(sample)).toThrow('--format')
  })

  test('a few odd values among many ratings are bad lines rather than a doubt', () => {
    const sample = Array.from({ length: 30 }, (_, n) => `${n} ${n + 100} ${n === 7 ? 1000 : 4}`)
    expect(detectInteractionFormat(sample)).toBe('ratings')
  })

  test.for([
    ['ml-100k/train.rating', 'ratings'],
    ['ml-100k/test.rating', 'lists'],
    ['lastfm/train.txt', 'lists'],
    ['lastfm/test.txt', 'lists'],
  ] as const)('research data: %s', async ([name, format], { skip }) => {
    const path = fileURLToPath(new URL(name, DATA))
    skip(!existsSync(path), `../shared/data/${name} is not there`)
    expect(detectInteractionFormat(await readSample(path))).toBe(format)
  })
})
