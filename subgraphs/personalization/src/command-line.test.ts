import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

function read(line: string) {
  return parseCommandLine(line === '' ? [] : line.split(' '))
}

function command(line: string) {
  const parsed = read(line)
  return parsed.type === 'command' ? parsed.command : parsed
}

describe('command line', () => {
  test('reads an import with its defaults', () => {
    expect(command('import interactions plays.tsv')).toEqual({
      name: 'import interactions',
      file: 'plays.tsv',
      rejects: null,
      format: null,
      type: 'PLAY',
      train: true,
    })
    expect(command('import items books.csv')).toEqual({
      name: 'import items',
      file: 'books.csv',
      rejects: null,
    })
  })

  test('reads every option, before the file and after it', () => {
    const line = 'import interactions --format lists --type like plays.txt --no-train --rejects bad.txt'
    expect(command(line)).toEqual({
      name: 'import interactions',
      file: 'plays.txt',
      rejects: 'bad.txt',
      format: 'lists',
      type: 'LIKE',
      train: false,
    })
    expect(command('demo --if-empty --seed 7')).toEqual({ name: 'demo', ifEmpty: true, seed: 7 })
    expect(command('demo')).toEqual({ name: 'demo', ifEmpty: false, seed: 1 })
    expect(command('train')).toEqual({ name: 'train' })
    expect(command('reset --yes')).toEqual({ name: 'reset' })
    expect(command('erase u1 --yes --json')).toEqual({ name: 'erase', userId: 'u1', json: true })
    const list = { name: 'dead-letters', action: 'list', limit: 5, json: false }
    expect(command('dead-letters list --limit 5')).toEqual(list)
    const replay = { name: 'dead-letters', action: 'replay', json: false }
    expect(command('dead-letters replay e1 e2')).toEqual({ ...replay, eventIds: ['e1', 'e2'], code: null })
    const all = { ...replay, eventIds: null, code: 'EVENT_TOO_OLD' }
    expect(command('dead-letters replay --all --code EVENT_TOO_OLD')).toEqual(all)
  })

  test.each([
    ['erase u1', /add --yes/],
    ['dead-letters replay', /--all/],
    ['dead-letters replay e1 --all', /--all/],
    ['dead-letters list --limit 0', /not a number/],
  ])('refuses "%s", and says what is missing', (line, message) => {
    expect(read(line)).toMatchObject({ type: 'refused', message: expect.stringMatching(message) })
  })

  test.each(['', '--help', '-h'])('says what there is for "%s"', (line) => {
    expect(read(line)).toMatchObject({
      type: 'help',
      text: expect.stringContaining('import interactions ratings.tsv'),
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
    expect(read(line)).toMatchObject({ type: 'help', text: expect.stringContaining(part) })
  })

  test.each([
    ['learn', "unknown command 'learn'"],
    ['toString', "unknown command 'toString'"],
    ['import', 'a command is missing; see npm run personalization -- import'],
    ['import users u.csv', "unknown command 'users'"],
    ['import items', "missing required argument 'FILE'"],
    ['import items a.csv b.csv', 'unexpected "b.csv"'],
    ['train now', 'unexpected "now"'],
    ['train --seed 3', "unknown option '--seed'"],
    ['demo --fast', "unknown option '--fast'"],
    ['demo --seed ten', "argument 'ten' is invalid. It is not a whole number"],
    ['demo --seed -1', "argument '-1' is invalid"],
    ['import interactions f --format xml', "'xml' is invalid. Allowed choices are csv, ratings, lists"],
    ['import interactions f --type HUM', "'HUM' is invalid. Use one of IMPRESSION"],
    ['reset', 'add --yes if that is meant'],
    ['import interactions f --rejects --no-train', 'option --rejects lacks its value'],
  ])('refuses "%s" in one line that says why and where to look', (line, part) => {
    const refusal = read(line)
    expect(refusal).toMatchObject({ type: 'refused', message: expect.stringContaining(part) })
    expect(refusal).toMatchObject({ message: expect.stringMatching(/^[^\n]*--help$/) })
  })
})
