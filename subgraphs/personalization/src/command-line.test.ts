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
  })

  test('reads how models are measured, with its defaults', () => {
    expect(command('evaluate')).toEqual({
      name: 'evaluate',
      model: 'item-knn',
      split: { kind: 'temporal', cutoff: null },
      cutoffs: [10],
      seed: 1,
      json: false,
      report: null,
    })
    expect(command('evaluate --model popular --split leave-one-out --k 10,20 --seed 7 --json')).toMatchObject(
      {
        model: 'popular',
        split: { kind: 'leave-one-out' },
        cutoffs: [10, 20],
        seed: 7,
        json: true,
      },
    )
    expect(
      command('compare popular item-to-item-v3 --test t.rating --format lists --report r.json'),
    ).toMatchObject({
      name: 'compare',
      models: ['popular', 'item-to-item-v3'],
      split: { kind: 'given', file: 't.rating', format: 'lists' },
      report: 'r.json',
    })
    expect(command('evaluate --cutoff 1970-01-02T00:00:00Z')).toMatchObject({
      split: { kind: 'temporal', cutoff: 86_400_000 },
    })
  })

  test('reads what shows models and slates', () => {
    expect(command('models list')).toEqual({ name: 'models list', json: false })
    expect(command('recommend u1')).toEqual({
      name: 'recommend',
      userId: 'u1',
      surface: 'home',
      size: 20,
      json: false,
    })
    expect(command('recommend u1 --surface radio --size 3 --json')).toMatchObject({
      surface: 'radio',
      size: 3,
      json: true,
    })
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
    ['evaluate --help', 'docs/evaluation.md'],
    ['models list --help', 'newest first'],
    ['recommend --help', 'Nothing is stored'],
    ['compare --help', 'second minus first'],
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
    ['evaluate popular', 'unexpected "popular"'],
    ['evaluate --k 10,x', "'10,x' is invalid. It is not a list of whole numbers from 1 to 1000"],
    ['evaluate --k 0', "'0' is invalid"],
    ['evaluate --cutoff yesterday', 'It is not a time such as'],
    ['evaluate --split random', 'Allowed choices are temporal, leave-one-out'],
    ['evaluate --split leave-one-out --cutoff 2026-01-31T00:00:00Z', '--cutoff is for the temporal split'],
    ['evaluate --test f --split temporal', 'leave --split and --cutoff away'],
    ['evaluate --format csv', '--format is of the file that --test names'],
    ['models', 'a command is missing; see npm run personalization -- models'],
    ['recommend', "missing required argument 'USER'"],
    ['recommend u1 --size 0', 'It is not a whole number from 1 to 500'],
    ['recommend u1 --size 501', 'It is not a whole number from 1 to 500'],
    ['compare popular', "missing required argument 'SECOND'"],
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
