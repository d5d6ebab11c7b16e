import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { detectInteractionFormat, detectSeparator, type InteractionFormat, type Layout } from './format.ts'
import { ImportError } from './import-error.ts'
import { readSample } from './source/read-sample.ts'

/** Research data that stands beside the repository and never in it. */
const DATA = new URL('../../../../../shared/data/', import.meta.url)

function detect(sample: readonly string[], layout: Partial<Layout> = {}): InteractionFormat {
  return detectInteractionFormat(sample, { separator: null, header: null, map: new Map(), ...layout })
}

describe('detecting how a file of interactions looks', () => {
  test.each([
    ['user and item', ['1 101', '2 102'], 'ratings'],
    ['stars', ['1 101 5', '2 102 0.5', '3 103 10'], 'ratings'],
    ['any rating with its time', ['1 101 85 881250949', '2 102 60 891717742'], 'ratings'],
    ['lists of two names each', ['u1 a b', 'u2 c d'], 'lists'],
    ['lists of many lengths', ['1 101 102', '2 103', '3 101 102 103 104'], 'lists'],
    ['lists of three items each', ['1 101 102 103', '2 104 105 106'], 'lists'],
    ['ratings with double colons', ['1::1193::5::978300760', '2::661::3::978302109'], 'ratings'],
    ['columns with double colons', ['userId::itemId', 'u::i'], 'csv'],
    ['JSON', ['{"userId":"u"}'], 'jsonl'],
    ['tabs between texts of several words', ['u1\tm\tthe artist\t5', 'u2\tm\tb\t6'], 'csv'],
    ['commas between texts of several words', ['u 1,an item,5', 'u 2,b,6'], 'csv'],
    ['pipes between texts of several words', ['u 1|an item', 'u 2|b'], 'csv'],
  ])('%s', (_, sample, format) => {
    expect(detect(sample)).toBe(format)
  })

  test('three numbers a line, of which the third is hardly a rating, are not guessed at', () => {
    const sample = ['1 101 102', '2 103 7', '3 101 104']
    expect(() => detect(sample)).toThrow(ImportError)
    expect(() => detect(sample)).toThrow('--format')
  })

  test.each([
    ['a separator that is said', ['1\t101\t5', '2\t102\t4'], { separator: '\t' }, 'ratings'],
    ['and other columns', ['1\tx\t5', 'y\tz\tw'], { separator: '\t' }, 'csv'],
    ['columns that are named', ['1 101 5', '2 102 4'], { header: ['userId', 'itemId', 'rating'] }, 'csv'],
    ['columns that are mapped', ['a b', '1 101'], { map: new Map([['a', 'userId']]) }, 'csv'],
  ] as const)('%s', (_, sample, layout, format) => {
    expect(detect(sample, layout)).toBe(format)
  })

  test('a JSON list is refused with the way to make lines of it', () => {
    expect(() => detect(['[{"userId":"u"}]'])).toThrow('jq -c .[] FILE > NEW')
  })

  test.each([
    ['id,title,x', null, ','],
    ['id::title|a|b|c', null, '::'],
    ['1,Walk,Drama|War|Comedy|Crime', ['id', 'title', 'categories'], ','],
    ['1::a|b::c', ['id', 'title', 'categories'], '::'],
  ])('the separator of %s', (line, header, separator) => {
    expect(detectSeparator([line], header)).toBe(separator)
  })

  test('a few odd values among many ratings are bad lines rather than a doubt', () => {
    const sample = Array.from({ length: 30 }, (_, n) => `${n} ${n + 100} ${n === 7 ? 1000 : 4}`)
    expect(detect(sample)).toBe('ratings')
  })

  test.for([
    ['ml-100k/train.rating', 'ratings'],
    ['ml-100k/test.rating', 'lists'],
    ['lastfm/train.txt', 'lists'],
    ['lastfm/test.txt', 'lists'],
  ] as const)('research data: %s', async ([name, format], { skip }) => {
    const path = fileURLToPath(new URL(name, DATA))
    skip(!existsSync(path), `../shared/data/${name} is not there`)
    expect(detect(await readSample(path))).toBe(format)
  })
})
