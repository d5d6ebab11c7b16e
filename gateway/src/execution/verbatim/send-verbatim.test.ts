import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompiledOperation } from '../compile-operation.ts'
import type { ObjectShape } from './answer-shape.ts'
import { type Answers, later, sampleOf } from './testing/ask-both-ways.ts'

const { ask, askBothWays } = sampleOf({
  pages: `
      scalar Anything
      type Query { page: Page pages: [Page!] shelf: [Thing] }
      type Page @key(fields: "id") {
        id: ID! title: String! number: Int weight: Float! open: Boolean kind: Kind parent: Page extra: Anything
        links: [[String!]]
      }
      union Thing = Page | Pen
      type Pen { color: Kind }
      enum Kind { LONG SHORT }
    `,
  notes: `
      type Query { latest: Note }
      type Page @key(fields: "id") { id: ID! notes: [Note!] best: String! }
      type Note @key(fields: "text") { text: String! }
    `,
  ratings: `
      type Page @key(fields: "id") { id: ID! stars: Int }
      type Note @key(fields: "text") { text: String! likes: Int! }
    `,
})

describe('an answer whose parts are as they should be is what the subgraphs wrote', () => {
  test('numbers, escapes and characters of several bytes included', async () => {
    const page = String.raw`{"title":"“Zoë” \u201c\n\"🦉","number":-12,"weight":1.50e+1,"open":true,"kind":"LONG","extra":{"a":[1.0,null]},"links":[["a"],null]}`
    const { text } = await askBothWays('{ page { title number weight open kind extra links } }', {
      pages: () => `{"data":{"page":${page}}}`,
    })
    expect(text).toBe(`{"data":{"page":${page}}}`)
  })

  test('what only the gateway needs is left out, and what other subgraphs say is put in', async () => {
    const query = '{ pages { notes { likes text } title stars } }'
    const { text, sent } = await askBothWays(query, {
      pages: () =>
        '{"data":{"pages":[{"__typename":"Page","id":"1é","title":"one"},{"__typename":"Page","id":"2","title":"two"},{"__typename":"Page","id":"1é","title":"again"}]}}',
      notes: () => '{"data":{"_entities":[{"notes":[{"__typename":"Note","text":"good"}]},{"notes":null}]}}',
      ratings: (body) =>
        body.includes('likes')
          ? '{"data":{"_entities":[{"likes":7}]}}'
          : '{"data":{"_entities":[{"stars":1},{"stars":null}]}}',
    })
    const notes = '"notes":[{"likes":7,"text":"good"}]'
    expect(text).toBe(
      `{"data":{"pages":[{${notes},"title":"one","stars":1},{"notes":null,"title":"two","stars":null},{${notes},"title":"again","stars":1}]}}`,
    )
    const pages = '[{"__typename":"Page","id":"1é"},{"__typename":"Page","id":"2"}]'
    expect(sent.toSorted()).toEqual([
      `notes ${pages}`,
      'pages null',
      'ratings [{"__typename":"Note","text":"good"}]',
      `ratings ${pages}`,
    ])
  })

  test('aliases, objects of several types, and root fields of several subgraphs', async () => {
    const query =
      '{ shelf { __typename ... on Pen { color } ... on Page { name: title stars } } last: latest { text } }'
    const { text } = await askBothWays(query, {
      pages: () =>
        '{"data":{"shelf":[{"__typename":"Pen","color":"SHORT"},null,{"__typename":"Page","id":"1","_0_title":"one"}]}}',
      notes: () => '{"data":{"_1_latest":{"text":"new"}}}',
      ratings: () => '{"data":{"_entities":[{"stars":3}]}}',
    })
    expect(text).toBe(
      '{"data":{"shelf":[{"__typename":"Pen","color":"SHORT"},null,{"__typename":"Page","name":"one","stars":3}],"last":{"text":"new"}}}',
    )
  })

  test('an operation without a field is answered with an empty object', async () => {
    expect(await askBothWays('{ page @skip(if: true) { title } }', {})).toMatchObject({ data: {}, sent: [] })
  })

  test("an order that is not the subgraph's is made of values", async () => {
    const { text, data } = await askBothWays('{ shelf { ... on Pen { color } __typename } }', {
      pages: () => '{"data":{"shelf":[{"__typename":"Pen","color":"SHORT"}]}}',
    })
    expect(text).toBeNull()
    expect(JSON.stringify(data)).toBe('{"shelf":[{"color":"SHORT","__typename":"Pen"}]}')
  })

  test('nothing is asked for where there are no objects to ask for', async () => {
    const { text, sent } = await askBothWays('{ pages { stars } }', { pages: () => '{"data":{"pages":[]}}' })
    expect(text).toBe('{"data":{"pages":[]}}')
    expect(sent).toEqual(['pages null'])
  })
})

const PAGE = '{"__typename":"Page","id":"1","title":"one","number":1,"kind":"LONG"}'
const RATED = '{ page { title number kind stars } }'

describe('an answer is made of values where one', () => {
  test.each([
    ['has spaces', `{"data": {"page":${PAGE}}}`],
    ['has more behind it', `{"data":{"page":${PAGE}}}\n`],
    ['has other members', `{"data":{"page":${PAGE}},"extensions":{}}`],
    ['has other fields', `{"data":{"page":{"more":1,${PAGE.slice(1)}}}`],
    [
      'has another order',
      '{"data":{"page":{"id":"1","__typename":"Page","title":"one","number":1,"kind":"LONG"}}}',
    ],
    ['lacks a field', `{"data":{"page":${PAGE.replace('"number":1,', '')}}}`],
    ['has a null that must not be', `{"data":{"page":${PAGE.replace('"one"', 'null')}}}`],
    ['has a text for a number', `{"data":{"page":${PAGE.replace(':1,', ':"1",')}}}`],
    ['has a number that is no Int', `{"data":{"page":${PAGE.replace(':1,', ':1.5,')}}}`],
    ['has a value that its enum lacks', `{"data":{"page":${PAGE.replace('LONG', 'LONGER')}}}`],
    ['has another type', `{"data":{"page":${PAGE.replace('"Page"', '"Pen"')}}}`],
    ['has a key with an escape', `{"data":{"page":${PAGE.replace('"id":"1"', String.raw`"id":"\u0031"`)}}}`],
    ['has a number for a key', `{"data":{"page":${PAGE.replace('"id":"1"', '"id":1.0')}}}`],
    ['has no data', '{"data":null}'],
    [
      'has errors',
      `{"errors":[{"message":"no","path":["page","number"]}],"data":{"page":${PAGE.replace(':1,', ':null,')}}}`,
    ],
    ['is not JSON', '<html>'],
    ['is cut', `{"data":{"page":${PAGE}}`],
    ['is not UTF-8', Buffer.from(`{"data":{"page":${PAGE.replace('one', 'on\xe9')}}}`, 'latin1')],
  ])('%s', async (_, answer) => {
    const { text } = await askBothWays(RATED, {
      pages: () => answer,
      ratings: () => '{"data":{"_entities":[{"stars":3}]}}',
    })
    expect(text).toBeNull()
  })

  test.each([
    ['is null', '{"data":{"_entities":[null]}}'],
    ['has more behind it', '{"data":{"_entities":[{"stars":3}]}} '],
    ['is missing', '{"data":{"_entities":[]}}'],
    ['is too much', '{"data":{"_entities":[{"stars":3},{"stars":4}]}}'],
    ['has a wrong value', '{"data":{"_entities":[{"stars":"many"}]}}'],
    ['never came', ''],
    [
      'failed',
      '{"errors":[{"message":"no","path":["_entities",0,"stars"]}],"data":{"_entities":[{"stars":null}]}}',
    ],
  ])('entity %s', async (_, answer) => {
    const { text, data } = await askBothWays(RATED, {
      pages: () => `{"data":{"page":${PAGE}}}`,
      ratings: () => answer,
    })
    expect(text).toBeNull()
    expect(data).toMatchObject({ page: { title: 'one', number: 1 } })
  })
})

test('an answer that has to be parsed has those parsed that were taken before, and those that come later', async () => {
  const query = '{ pages { title stars notes { text } best } }'
  const pages = () =>
    '{"data":{"pages":[{"__typename":"Page","id":"1","title":"one"},{"__typename":"Page","id":"2","title":"two"}]}}'
  const good = '{"data":{"_entities":[{"notes":[{"text":"a"}],"best":"a"},{"notes":[],"best":"b"}]}}'
  const stars = '{"data":{"_entities":[{"stars":1},{"stars":2}]}}'
  const wrong = '{"data":{"_entities":[{"stars":1},{"stars":"two"}]}}'
  const expected = {
    pages: [
      { title: 'one', stars: 1, notes: [{ text: 'a' }], best: 'a' },
      { title: 'two', stars: null, notes: [], best: 'b' },
    ],
  }
  for (const slower of ['notes', 'ratings']) {
    const turns = (subgraph: string) => (subgraph === slower ? 3 : 1)
    const inTurn = (subgraph: string, answer: string) => later(turns(subgraph), answer)
    const answers = { pages, notes: () => inTurn('notes', good), ratings: () => inTurn('ratings', wrong) }
    const { data, errors, text } = await askBothWays(query, answers)
    expect(text).toBeNull()
    expect(data).toEqual(expected)
    expect(errors).toMatchObject([{ path: ['pages', 1, 'stars'] }])
    expect(
      (await askBothWays(query, { ...answers, ratings: () => inTurn('ratings', stars) })).text,
    ).not.toBeNull()
  }
})

test('a defect in taking an answer is one of the request, and ends nothing else', async () => {
  const broken = new Proxy({} as ObjectShape, {
    get() {
      throw new Error('broken')
    },
  })
  const change = (operation: CompiledOperation) => {
    const plan = operation.verbatim()
    return { ...operation, verbatim: () => plan && { ...plan, root: [{ fetch: 0, result: broken }] } }
  }
  const answers = { pages: () => '{"data":{"page":null}}' }
  await expect(ask('{ page { title } }', answers, { change })).rejects.toThrow('broken')
})

test('whatever bytes subgraphs answer with, the answer is the one that is made of values', async () => {
  const query =
    '{ pages { title number weight kind extra notes { text likes } stars } shelf { __typename ... on Pen { color } } }'
  const good = {
    pages: `{"data":{"pages":[{"__typename":"Page","id":"1","title":"o“ne, as long as a title is, with more letters than there are signs around it","number":1,"weight":1.5,"kind":"LONG","extra":{"a":"anything, and therefore some more letters of no importance whatever"}},{"__typename":"Page","id":"2","title":"two","number":null,"weight":0,"kind":null,"extra":null}],"shelf":[{"__typename":"Pen","color":"LONG"},{"__typename":"Page"}]}}`,
    notes:
      '{"data":{"_entities":[{"notes":[{"__typename":"Note","text":"a note that somebody took the time to write about this page"}]},{"notes":null}]}}',
    likes: '{"data":{"_entities":[{"likes":7}]}}',
    stars: '{"data":{"_entities":[{"stars":1},{"stars":null}]}}',
  }
  const answersOf = (texts: Record<keyof typeof good, Buffer>): Answers => ({
    pages: () => texts.pages,
    notes: () => texts.notes,
    ratings: (body) => (body.includes('likes') ? texts.likes : texts.stars),
  })
  const whole = Object.fromEntries(Object.entries(good).map(([name, text]) => [name, Buffer.from(text)]))
  expect((await askBothWays(query, answersOf(whole as never))).text).not.toBeNull()

  const change = fc.record({
    name: fc.constantFrom(...(Object.keys(good) as (keyof typeof good)[])),
    at: fc.nat(),
    removed: fc.constantFrom(0, 1, 1, 2, 12),
    put: fc.oneof(
      fc.constantFrom(
        'null',
        '1',
        '"a"',
        '{}',
        '[]',
        ',',
        '"',
        '\\',
        '\\u0041',
        '\\"',
        ' ',
        '0',
        '.5',
        'e5',
        '-',
        'x',
        '7',
      ),
      fc.string({ unit: 'binary', maxLength: 2 }),
    ),
    isByte: fc.boolean(),
  })
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const texts = Object.fromEntries(Object.entries(good).map(([name, text]) => [name, Buffer.from(text)]))
      for (const { name, at, removed, put, isByte } of changes) {
        const text = texts[name] as Buffer
        const place = at % text.length
        const added = isByte ? Buffer.from([at % 256]) : Buffer.from(put)
        texts[name] = Buffer.concat([text.subarray(0, place), added, text.subarray(place + removed)])
      }
      const { text } = await askBothWays(query, answersOf(texts as never))
      if (text !== null) taken += 1
    }),
    { numRuns: 3_000 },
  )
  // Changes inside of texts and numbers, mostly.
  expect(taken).toBeGreaterThan(200)
}, 120_000)
