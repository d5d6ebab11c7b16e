import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

function read(line: string) {
  return parseCommandLine(line === '' ? [] : line.split(' '))
}

const LAYOUT = { encoding: 'utf-8', separator: null, header: null, quotes: true, map: new Map() }

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
      layout: LAYOUT,
      json: false,
      format: null,
      type: 'PLAY',
      minValue: null,
      train: true,
    })
    expect(command('import items books.csv')).toEqual({
      name: 'import items',
      file: 'books.csv',
      rejects: null,
      layout: LAYOUT,
      json: false,
    })
  })

  test('reads every option, before the file and after it', () => {
    const line = 'import interactions --format lists --type like plays.txt --no-train --rejects bad.txt'
    expect(command(line)).toEqual({
      name: 'import interactions',
      file: 'plays.txt',
      rejects: 'bad.txt',
      layout: LAYOUT,
      json: false,
      format: 'lists',
      type: 'LIKE',
      minValue: null,
      train: false,
    })
    const published =
      'import interactions r.dat --map movie=item_id --map a=b=timestamp --separator tab --no-quotes ' +
      '--encoding latin1 --min-value 3.5 --json'
    expect(command(published)).toMatchObject({
      layout: {
        encoding: 'latin1',
        separator: '\t',
        quotes: false,
        map: new Map([
          ['movie', 'itemId'],
          ['a=b', 'timestamp'],
        ]),
      },
      minValue: 3.5,
      json: true,
    })
    expect(command('import items m.dat --header id,title --separator :: --map x=itemId')).toMatchObject({
      layout: { header: ['id', 'title'], separator: '::', map: new Map([['x', 'id']]) },
    })
    expect(command('demo --if-empty --seed 7')).toEqual({ name: 'demo', ifEmpty: true, seed: 7 })
    expect(command('demo')).toEqual({ name: 'demo', ifEmpty: false, seed: 1 })
    expect(command('train')).toEqual({
      name: 'train',
      choice: { algorithm: 'by-size', parameters: {} },
      until: null,
    })
    expect(command('train --register --until 1970-01-02T00:00:00Z')).toEqual({
      name: 'train',
      choice: { algorithm: 'by-size', parameters: {} },
      until: 86_400_000,
    })
    expect(command('export interactions --to out --format csv --json')).toEqual({
      ...{ name: 'export interactions', folder: 'out', format: 'csv', json: true },
    })
    expect(command('export candidates --to out')).toEqual({
      ...{ name: 'export candidates', folder: 'out', json: false },
    })
    expect(command('off-policy --target popular --max-weight 20.5')).toEqual({
      ...{ name: 'off-policy', target: 'popular', maxWeight: 20.5, json: false },
    })
    expect(command('models import m.safetensors --name als --owner me')).toEqual({
      name: 'models import',
      ...{ file: 'm.safetensors', model: 'als', owner: 'me', json: false },
    })
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
    ['dead-letters list --limit 0', /not a whole number from 1 on/],
  ])('refuses "%s", and says what is missing', (line, message) => {
    expect(read(line)).toMatchObject({ type: 'refused', message: expect.stringMatching(message) })
  })

  test.each([
    ['train --seed 7', { algorithm: 'by-size', parameters: { seed: 7 } }],
    ['train --algorithm ease --lambda 200.5', { algorithm: 'ease', parameters: { lambda: 200.5 } }],
    [
      'train --algorithm item-knn --neighbours 50 --shrinkage 0',
      { algorithm: 'item-knn', parameters: { neighbours: 50, shrinkage: 0 } },
    ],
    [
      'train --algorithm ials --dimensions 32 --epochs 4 --unobserved-weight .1 --regularization 1e-3 --frequency-exponent 0 --seed 0',
      {
        algorithm: 'ials',
        parameters: {
          dimensions: 32,
          epochs: 4,
          unobservedWeight: 0.1,
          regularization: 0.001,
          frequencyExponent: 0,
          seed: 0,
        },
      },
    ],
  ])('%s', (line, choice) => {
    expect(command(line)).toEqual({ name: 'train', choice, until: null })
  })

  test.each([
    ['train --lambda 3', '--lambda is an option of ease: add --algorithm ease'],
    ['train --algorithm ials --neighbours 3', '--neighbours is an option of ease or item-knn'],
    ['train --algorithm ease --lambda 0', 'not a number above 0'],
    ['train --algorithm ials --dimensions 513', 'not a whole number from 1 to 512'],
    ['train --algorithm ials --epochs 1.5', 'not a whole number'],
    ['train --algorithm slim', 'ease, ials, item-knn'],
  ])('%s is refused: %s', (line, message) => {
    expect(read(line)).toMatchObject({ type: 'refused', message: expect.stringContaining(message) })
  })

  test('reads how models are measured, with its defaults', () => {
    expect(command('evaluate')).toEqual({
      name: 'evaluate',
      record: false,
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
    expect(command('shadow ease-v2')).toEqual({ name: 'shadow', id: 'ease-v2', url: null, json: false })
    expect(command('shadow ease-v2 --json')).toMatchObject({ json: true })
    expect(command('refresh ease-v2')).toEqual({ name: 'refresh', versionId: 'ease-v2', until: null })
    expect(command('refresh ease-v2 --until 2026-01-01T00:00:00Z')).toMatchObject({
      until: Date.UTC(2026, 0, 1),
    })
    expect(command('recommend u1')).toEqual({
      name: 'recommend',
      userId: 'u1',
      surface: 'home',
      size: 20,
      market: null,
      json: false,
    })
    expect(command('recommend u1 --surface radio --size 3 --market NL --json')).toMatchObject({
      surface: 'radio',
      size: 3,
      market: 'NL',
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
    ['train --help', 'ease up to 5,000 items'],
    ['evaluate --help', 'docs/evaluation.md'],
    ['models list --help', 'newest first'],
    ['recommend --help', 'Nothing is stored'],
    ['shadow --help', 'SHADOW_SAMPLE_RATE'],
    ['refresh --help', 'CANARY_SHARE'],
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
    ['train --speed 3', "unknown option '--speed'"],
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
    [
      'import interactions f --format xml',
      "'xml' is invalid. Allowed choices are csv, jsonl, ratings, lists",
    ],
    ['import interactions f --type HUM', "'HUM' is invalid. Use one of IMPRESSION"],
    ['import interactions f --map movieId', 'Write COLUMN=FIELD, such as movieId=itemId'],
    ['import interactions f --map movieId=title', 'There is no field title'],
    ['import items f --map movieId=rating', 'There is no field rating'],
    ['import items f --header id,,title', 'Write the names of all columns'],
    ['import items f --separator "', 'Use up to 8 characters without quotes'],
    ['import items f --encoding utf-16', 'Allowed choices are utf-8, latin1'],
    ['import interactions f --min-value many', 'It is not a number'],
    ['export interactions', "required option '--to <DIR>' not specified"],
    ['off-policy', "required option '--target <POLICY>' not specified"],
    ['off-policy --target popular --max-weight 0', 'It is not a number above 0'],
    ['models import f --owner me', "required option '--name <MODEL>' not specified"],
    ['models import f --owner me --name a/b', 'It is not a key such as spark-als'],
    ['models import f --owner me --name als --promote', 'no model skips its path. Import it without'],
    ['reset', 'add --yes if that is meant'],
    ['import interactions f --rejects --no-train', 'option --rejects lacks its value'],
  ])('refuses "%s" in one line that says why and where to look', (line, part) => {
    const refusal = read(line)
    expect(refusal).toMatchObject({ type: 'refused', message: expect.stringContaining(part) })
    expect(refusal).toMatchObject({ message: expect.stringMatching(/^[^\n]*--help$/) })
  })
})
