import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

function read(line: string) {
  return parseCommandLine(line === '' ? [] : line.split(' '))
}

describe('command line', () => {
  test('reads an import with its defaults', () => {
    expect(read('import interactions plays.tsv')).toEqual({
      name: 'import interactions',
      file: 'plays.tsv',
      rejects: null,
      format: null,
      type: 'PLAY',
      train: true,
    })
    expect(read('import items books.csv')).toEqual({ name: 'import items', file: 'books.csv', rejects: null })
  })

  test('reads every option, wherever it stands', () => {
    const line = 'import --format lists interactions --type like plays.txt --no-train --rejects bad.txt'
    expect(read(line)).toEqual({
      name: 'import interactions',
      file: 'plays.txt',
      rejects: 'bad.txt',
      format: 'lists',
      type: 'LIKE',
      train: false,
    })
    expect(read('demo --if-empty --seed 7')).toEqual({ name: 'demo', ifEmpty: true, seed: 7 })
    expect(read('demo')).toEqual({ name: 'demo', ifEmpty: false, seed: 1 })
    expect(read('train')).toEqual({ name: 'train' })
    expect(read('reset --yes')).toEqual({ name: 'reset' })
  })

  test.each(['', '--help', '-h'])('says what there is for "%s"', (line) => {
    expect(read(line)).toMatchObject({
      name: 'help',
      text: expect.stringContaining('import interactions FILE'),
    })
  })

  test.each([
    ['import items --help', 'books.csv'],
    ['import interactions --help', 'ratings.tsv'],
    ['import --help', 'ratings.tsv'],
    ['train --help', 'item-to-item'],
    ['demo --help', '--if-empty'],
    ['reset --help', 'Deletes everything'],
  ])('%s says more about that command', (line, part) => {
    expect(read(line)).toMatchObject({ name: 'help', text: expect.stringContaining(part) })
  })

  test.each([
    ['learn', 'there is no command "learn"'],
    ['toString', 'there is no command "toString"'],
    ['import', 'import what?'],
    ['import users u.csv', 'there is no command "import users"'],
    ['import items', 'import items needs a FILE'],
    ['import items a.csv b.csv', 'unexpected "b.csv"'],
    ['train now', 'unexpected "now"'],
    ['train --seed 3', 'train has no option --seed'],
    ['demo --fast', "Unknown option '--fast'"],
    ['demo --seed ten', '--seed ten is not a whole number'],
    ['demo --seed -1', "Option '--seed' argument is ambiguous"],
    ['import interactions f --format xml', '--format xml is none of csv, ratings, lists'],
    ['import interactions f --type HUM', '--type HUM is none of IMPRESSION'],
    ['reset', 'add --yes if that is meant'],
  ])('refuses "%s" in one line that says why and where to look', (line, part) => {
    const command = read(line)
    expect(command).toMatchObject({ name: 'refused', message: expect.stringContaining(part) })
    expect(command).toMatchObject({ message: expect.stringMatching(/^[^\n]*--help$/) })
  })
})
