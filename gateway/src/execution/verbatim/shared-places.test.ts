import { expect, test } from 'vitest'
import { later, sampleOf } from './testing/ask-both-ways.ts'

/*
 * One fetch may be for objects at several places: below objects of several types, known from several answers, in another
 * order than they stand in the client's answer.
 */

const AUTHOR = 'type Author @key(fields: "id") { id: ID! }'

function entitiesOf(body: string): readonly { readonly id: string }[] {
  return JSON.parse(body).variables.representations
}

function authorOf(id: string): string {
  return `{"__typename":"Author","id":"${id}"}`
}

const shelf = sampleOf({
  a: `
    type Query { shelf: [Thing] }
    union Thing = Page | Pen
    type Page @key(fields: "id") { id: ID! author: Author }
    type Pen { author: Author }
    ${AUTHOR}
  `,
  b: 'type Author @key(fields: "id") { id: ID! x: String y: String }',
})

test.each([
  ['Pen', 'Page'],
  ['Page', 'Pen'],
])('places of one object that want different fields of it: %s, %s', async (...types) => {
  const things = types.map((type) => `{"__typename":"${type}","author":${authorOf('1')}}`)
  const { data } = await shelf.askBothWays(
    '{ shelf { ... on Pen { author { x } } ... on Page { author { x y } } } }',
    {
      a: () => `{"data":{"shelf":[${things}]}}`,
      b: () => '{"data":{"_entities":[{"x":"x1","y":"y1"}]}}',
    },
  )
  expect(data?.shelf).toContainEqual({ author: { x: 'x1', y: 'y1' } })
  expect(data?.shelf).toContainEqual({ author: { x: 'x1' } })
})

test.each([false, true])(
  'a place that wants nothing of the fetch, its answer as expected: %s',
  async (isExpected) => {
    const { data, text } = await shelf.askBothWays(
      '{ shelf { ... on Pen { author { __typename id } } ... on Page { author { x } } } }',
      {
        a: () =>
          `{"data":{"shelf":[{"__typename":"Pen","author":${authorOf('1')}},{"__typename":"Page","author":${authorOf('2')}}]}}`,
        b: (body) =>
          JSON.stringify({
            data: {
              _entities: entitiesOf(body).map(({ id }) => ({ x: id, ...(isExpected ? {} : { more: 1 }) })),
            },
          }),
      },
    )
    expect(text === null).toBe(!isExpected)
    expect(data).toEqual({ shelf: [{ author: { __typename: 'Author', id: '1' } }, { author: { x: '2' } }] })
  },
)

const swapped = sampleOf({
  a: `
    type Query { shelf: [Thing] }
    union Thing = Page | Pen
    type Page @key(fields: "id") { id: ID! }
    type Pen { author: Author }
    ${AUTHOR}
  `,
  b: 'type Author @key(fields: "id") { id: ID! x: String }',
  c: `type Page @key(fields: "id") { id: ID! author: Author } ${AUTHOR}`,
  d: 'type Page @key(fields: "id") { id: ID! d: Int }',
})

test.each([
  ['it is as expected', {}, '{"data":{"_entities":[{"d":1}]}}'],
  ['it is not', { more: 1 }, '{"data":{"_entities":[{"d":1}]}}'],
  ['another one is not', {}, '{"data":{"_entities":[{"d":"one"}]}}'],
])('objects that become known in another order than they stand in, where %s', async (_, more, ofD) => {
  const { data } = await swapped.askBothWays(
    '{ shelf { ... on Pen { author { x } } ... on Page { author { x } d } } }',
    {
      a: () =>
        `{"data":{"shelf":[{"__typename":"Page","id":"p"},{"__typename":"Pen","author":${authorOf('of the pen')}}]}}`,
      b: (body) =>
        JSON.stringify({ data: { _entities: entitiesOf(body).map(({ id }) => ({ x: id, ...more })) } }),
      c: () => `{"data":{"_entities":[{"author":${authorOf('of the page')}}]}}`,
      d: () => later(20, ofD),
    },
  )
  expect(data?.shelf).toMatchObject([{ author: { x: 'of the page' } }, { author: { x: 'of the pen' } }])
})

test('what is known of objects when a fetch begins decides who gets its values', async () => {
  const { askBothWays } = sampleOf({
    a: 'type Query { pages: [Page!] } type Page @key(fields: "id") { id: ID! }',
    b: 'type Page @key(fields: "id") { id: ID! b: String }',
    c: 'type Page @key(fields: "id") { id: ID! c: String }',
  })
  const { data } = await askBothWays('{ pages { b c } }', {
    a: () => '{"data":{"pages":[{"__typename":"Page","id":"1"},{"__typename":"Page","id":"2"}]}}',
    // Nobody asked it for keys.
    b: () => '{"data":{"_entities":[{"b":"b1","id":"2"},{"b":"b2","id":"1"}]}}',
    c: () => later(5, '{"data":{"_entities":[{"c":"c1"},{"c":"c2"}]}}'),
  })
  expect(data).toEqual({
    pages: [
      { b: 'b1', c: 'c1' },
      { b: 'b2', c: 'c2' },
    ],
  })
})

test('root fields below a payload are fetched only where the payload is there', async () => {
  const { canTake, askBothWays } = sampleOf({
    a: `
      type Query { a: Int }
      type Mutation { add: Result }
      union Result = Failed | Added
      type Failed { reason: String }
      type Added { query: Query }
    `,
    b: 'type Query { page: String }',
  })
  const query = 'mutation { add { ... on Failed { reason } ... on Added { query { page } } } }'
  expect(canTake(query)).toBe(false)
  const { sent } = await askBothWays(query, {
    a: () => '{"data":{"add":{"__typename":"Failed","reason":"full"}}}',
    b: () => '{"errors":[{"message":"boom"}],"data":{"page":null}}',
  })
  expect(sent).toEqual(['a null'])
})

test('a field that two fetches give is made of the values of both', async () => {
  const { canTake, askBothWays } = sampleOf({
    a: `
      type Query { page: Page }
      type Page @key(fields: "id") { id: ID! box: V @shareable }
      interface V { a: Int }
      type V1 implements V { a: Int @shareable }
      type V2 implements V { a: Int @shareable }
    `,
    b: `
      type Page @key(fields: "id") { id: ID! box: V @shareable n: Int }
      interface V { a: Int }
      type V1 implements V { a: Int @shareable b: Int }
      type V2 implements V { a: Int @shareable }
    `,
  })
  const query = '{ page { n box { a ... on V1 { b } } } }'
  expect(canTake(query)).toBe(false)
  await askBothWays(query, {
    a: () => '{"data":{"page":{"__typename":"Page","id":"1","box":{"__typename":"V2","a":7}}}}',
    b: () => '{"data":{"_entities":[{"n":1,"box":null}]}}',
  })
})

const hidden = sampleOf({
  a: `
    scalar Anything
    type Query { shelf: Shelf media: Media color: Color must: Anything! thing: Thing }
    interface Media { id: ID! }
    type Book implements Media { id: ID! }
    type Film implements Media @inaccessible { id: ID! }
    type Shelf { id: ID! }
    union Thing = Book | Pen
    type Pen { color: Color }
    enum Color { RED HIDDEN @inaccessible }
  `,
})

test.each([
  ['a type that clients do not know', '{ media { __typename } }', '{"media":{"__typename":"Film"}}'],
  ['a value that clients do not know', '{ color }', '{"color":"HIDDEN"}'],
  ['a type that is not one of the union', '{ thing { __typename } }', '{"thing":{"__typename":"Shelf"}}'],
  ['null for any value', '{ must }', '{"must":null}'],
])('%s does not reach them', async (_, query, data) => {
  const { text } = await hidden.askBothWays(query, { a: () => `{"data":${data}}` })
  expect(hidden.canTake(query)).toBe(true)
  expect(text).toBeNull()
})
