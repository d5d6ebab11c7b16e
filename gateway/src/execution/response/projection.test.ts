import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import fc from 'fast-check'
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import type { ProjectionError } from './complete-value.ts'
import { isJsonObject, type JsonObject } from './own.ts'
import { compileProjection, type ProjectionScope } from './projection.ts'

const SCHEMA = buildSchema(`
  type Query { page: Page pages: [Page!] grid: [[Int!]] node: Node }
  interface Node { id: ID! }
  type Page implements Node {
    id: ID! title: String words: Int! size: Float open: Boolean kind: Kind tags: [String!] any: Any parent: Page
  }
  type Card implements Node { id: ID! }
  enum Kind { LONG SHORT }
  scalar Any
`)

const IN_PLACE = { consumesData: true }
const COPYING = { consumesData: false }

function project(query: string, text: string, overrides: Partial<ProjectionScope>) {
  const document = parse(query)
  const { selectionSet } = document.definitions[0] as OperationDefinitionNode
  const projection = compileProjection([selectionSet], SCHEMA.getQueryType() as never, {
    schema: SCHEMA,
    fragments: fragmentsOf(document),
    withDeferred: true,
    clientKeys: new Map(),
    denials: null,
    consumesData: true,
    ...overrides,
  })
  const data: JsonObject = JSON.parse(text)
  const given = { ...data }
  const errors: ProjectionError[] = []
  const answer = projection(data, errors)
  /** The value of the root field, as the subgraph gave it and as the client gets it. */
  const fields = { given: Object.values(given)[0], answered: Object.values(answer ?? {})[0] }
  return { answer, errors, data, ...fields, text: JSON.stringify(answer) }
}

const PAGE = '{"page":{"id":"1","title":null,"words":3,"tags":["a"]}}'
const PAGE_QUERY = '{ page { id title words tags } }'

test('an object with exactly the fields of the client, in its order, becomes the client’s', () => {
  const { answer, data, given, answered, text, errors } = project(PAGE_QUERY, PAGE, IN_PLACE)
  expect(answer).toBe(data)
  expect(answered).toBe(given)
  expect([text, errors]).toEqual([PAGE, []])
})

test('so do its lists and what is in them', () => {
  const pages = project('{ pages { id } }', '{"pages":[{"id":"1"},{"id":"2"}]}', IN_PLACE)
  const [first] = pages.given as object[]
  expect(pages.answered).toBe(pages.given)
  expect((pages.answered as object[])[0]).toBe(first)
})

test.each([
  ['another order', '{"page":{"tags":["a"],"id":"1","title":null,"words":3}}', PAGE],
  ['a field more at the end', '{"page":{"id":"1","title":null,"words":3,"tags":["a"],"x":1}}', PAGE],
  ['a field more in between', '{"page":{"id":"1","x":1,"title":null,"words":3,"tags":["a"]}}', PAGE],
  ['a field less at the end', '{"page":{"id":"1","title":null,"words":3}}', PAGE.replace('["a"]', 'null')],
  ['a field less in between', '{"page":{"id":"1","words":3,"tags":["a"]}}', PAGE],
  ['a key that every object inherits', PAGE.replace('"words"', '"__proto__":{},"words"'), PAGE],
])('an object with %s is copied', (_, data, expected) => {
  const { given, answered, text } = project(PAGE_QUERY, data, IN_PLACE)
  expect(answered).not.toBe(given)
  expect(text).toBe(expected)
})

test.each(['__proto__', 'constructor', 'toString'])('an object with the alias %s is copied', (alias) => {
  const given = project(`{ page { ${alias}: id } }`, `{"page":{"${alias}":"1"}}`, IN_PLACE)
  expect(given.answered).not.toBe(given.given)
  expect(given.text).toBe(`{"page":{"${alias}":"1"}}`)
  expect(project(`{ page { ${alias}: title } }`, '{"page":{}}', IN_PLACE).text).toBe(
    `{"page":{"${alias}":null}}`,
  )
  expect(project(`{ page { ${alias}: __typename } }`, '{"page":{}}', IN_PLACE).text).toBe(
    `{"page":{"${alias}":"Page"}}`,
  )
})

test('an object with a key that stands for another of the client’s is copied', () => {
  const clientKeys = new Map([['_1_title', 'title']])
  const data = '{"page":{"id":"1","_1_title":"x"}}'
  const { text, given, answered } = project('{ page { id _1_title: title } }', data, { clientKeys })
  expect(text).toBe('{"page":{"id":"1","title":"x"}}')
  expect(answered).not.toBe(given)
})

test('a field that the client did not select is left out', () => {
  const clientKeys = new Map([['words', null]])
  expect(project(PAGE_QUERY, PAGE, { clientKeys }).text).toBe('{"page":{"id":"1","title":null,"tags":["a"]}}')
})

test('the name of an object is that of its type, whatever the subgraph gave', () => {
  const query = '{ node { __typename id } }'
  expect(project(query, '{"node":{"__typename":"Card","id":"1"}}', IN_PLACE).text).toContain('"Card"')
  const nameless = project(query, '{"node":{"id":"1"}}', IN_PLACE)
  expect(nameless.text).toBe('{"node":null}')
  expect(nameless.errors).toEqual([
    { reason: 'null', field: 'Node.__typename', path: ['node', '__typename'] },
  ])
  const wrong = project(query, '{"node":{"__typename":"Query","id":"1"}}', IN_PLACE)
  expect([wrong.text, wrong.errors]).toEqual([
    '{"node":null}',
    [{ reason: 'invalid', field: 'Query.node', path: ['node'] }],
  ])
})

/** Each with the answer and the errors that it must have. */
const FAULTY: [string, string, string, string, [string, string, string][]][] = [
  [
    'an invalid leaf that may be null',
    '{ page { id title words } }',
    '{"page":{"id":"1","title":5,"words":3}}',
    '{"page":{"id":"1","title":null,"words":3}}',
    [['invalid', 'Page.title', 'page.title']],
  ],
  [
    'an invalid leaf that must not be null',
    '{ pages { id words } }',
    '{"pages":[{"id":"1","words":2147483648},{"id":true,"words":3}]}',
    '{"pages":null}',
    [
      ['invalid', 'Page.words', 'pages.0.words'],
      ['invalid', 'Page.id', 'pages.1.id'],
    ],
  ],
  [
    'a null that must not be',
    '{ page { parent { words id } id } }',
    '{"page":{"parent":{"words":null,"id":"2"},"id":"1"}}',
    '{"page":{"parent":null,"id":"1"}}',
    [['null', 'Page.words', 'page.parent.words']],
  ],
  [
    'two refused fields of one object, the second after a missing one',
    '{ page { id title words } }',
    '{"page":{"id":null,"words":null}}',
    '{"page":null}',
    [
      ['null', 'Page.id', 'page.id'],
      ['null', 'Page.words', 'page.words'],
    ],
  ],
  [
    'lists in a list',
    '{ grid }',
    '{"grid":[[1,2],[1,1.5],null,7]}',
    '{"grid":[[1,2],null,null,null]}',
    [
      ['invalid', 'Query.grid', 'grid.1.1'],
      ['invalid', 'Query.grid', 'grid.3'],
    ],
  ],
  [
    'a name that an enum does not have',
    '{ page { kind tags } }',
    '{"page":{"kind":"WIDE","tags":["a",null]}}',
    '{"page":{"kind":null,"tags":null}}',
    [
      ['invalid', 'Page.kind', 'page.kind'],
      ['null', 'Page.tags', 'page.tags.1'],
    ],
  ],
]

test.each(FAULTY)('%s gives nulls, and errors with their paths', (_, query, data, expected, errors) => {
  for (const way of [IN_PLACE, COPYING]) {
    const projected = project(query, data, way)
    expect(projected.text).toBe(expected)
    expect(projected.errors.map(({ reason, field, path }) => [reason, field, path.join('.')])).toEqual(errors)
  }
})

test.each([
  ['Page.title', '{"page":{"id":"1","title":null}}'],
  ['Page.id', '{"page":null}'],
])('%s is denied, whatever is there', (denied, expected) => {
  const denials = {
    removed: new Map(),
    lackingFor: (type: string, field: string) => (`${type}.${field}` === denied ? 'x' : null),
  }
  for (const { consumesData } of [IN_PLACE, COPYING])
    for (const title of ['"x"', 'null']) {
      const data = `{"page":{"id":"1","title":${title}}}`
      const { text, errors } = project('{ page { id title } }', data, { denials, consumesData })
      const path = ['page', denied.slice('Page.'.length)]
      expect([text, errors]).toEqual([expected, [{ reason: 'denied', field: denied, lacking: 'x', path }]])
    }
})

const LEAF = fc.oneof(
  fc.constantFrom<unknown>(null, 'a', 'LONG', 1, -0, 1.5, 2 ** 31, -(2 ** 31), true, {}, []),
  fc.jsonValue({ maxDepth: 1 }),
)
const KEYS = ['id', 'title', 'words', 'size', 'open', 'kind', 'tags', 'any', '__typename', 'x', 'constructor']
const ALIASES = new Map([
  ['x', 'x: id'],
  ['constructor', 'constructor: title'],
])

/** Pages with values that are often valid. */
const PAGES = fc.letrec<{ page: unknown }>((tie) => ({
  page: fc.oneof(
    { depthSize: 'small' },
    LEAF,
    fc.record({
      id: fc.oneof({ weight: 9, arbitrary: fc.string() }, LEAF),
      title: fc.oneof({ weight: 3, arbitrary: fc.string() }, LEAF),
      words: fc.oneof({ weight: 9, arbitrary: fc.integer() }, LEAF),
      tags: fc.oneof({ weight: 3, arbitrary: fc.array(fc.string()) }, fc.array(LEAF), LEAF),
      ...{ size: LEAF, open: LEAF, kind: LEAF, any: LEAF, x: fc.string(), constructor: LEAF },
      __typename: fc.constantFrom('Page', 'Page', 'Card', null),
      parent: tie('page'),
    }),
  ),
})).page

/** The page with the fields of these keys, in their order. */
function pick(page: unknown, keys: readonly string[]): unknown {
  if (!isJsonObject(page)) return page
  const entries = keys.map((key) => [key, key === 'parent' ? pick(page.parent, keys) : page[key]])
  return Object.fromEntries(entries)
}

test('in place or copying, the answer and the errors are the same; copying changes nothing of the data', () => {
  const keys = fc.shuffledSubarray(KEYS, { minLength: 1 })
  fc.assert(
    fc.property(keys, fc.array(fc.tuple(PAGES, fc.option(keys))), (asked, given) => {
      const fields = asked.map((key) => ALIASES.get(key) ?? key).join(' ')
      const query = `{ pages { ${fields} parent { ${fields} parent { id } } } node { id } }`
      // Most have what was asked for, in its order.
      const pages = given.map(([page, other]) => pick(page, other ?? [...asked, 'parent']))
      const text = JSON.stringify({ pages, node: pages[0] ?? null })
      const copied = project(query, text, COPYING)
      const inPlace = project(query, text, IN_PLACE)
      expect(inPlace.text).toBe(copied.text)
      expect(inPlace.errors).toEqual(copied.errors)
      expect(JSON.stringify(copied.data)).toBe(text)
    }),
    { numRuns: 300 },
  )
})
