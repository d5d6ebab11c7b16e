import { expect, test } from 'vitest'
import { compareGraphs } from '../diff/compare-graphs.ts'
import { checkOperations } from '../operations/check-operations.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { fingerprintOf } from './fingerprint.ts'
import { judge } from './judge.ts'

const BASE = `
  directive @shout(loud: Int) on FIELD
  type Query { items(where: Where, kind: Kind): [Item!] search: [Found!] }
  type Mutation { add(id: ID): Item }
  type Item { id: ID! title: String tag: Tag shelf: Shelf }
  type Shelf { id: ID! label: String }
  type Tag { id: ID! name: String title: String }
  union Found = Item | Shelf
  input Where { id: ID kind: Kind }
  enum Kind { A B }
`

/** What is found of an operation that broke, where all changes but those of some coordinates are approved. */
function judged(document: string, change: (sdl: string) => string, unapproved: readonly string[] = []) {
  const [base, head] = [sampleGraph({ a: BASE }, 'base'), sampleGraph({ a: change(BASE) })]
  const location = { file: 'a.graphql', line: 1, column: 1 }
  const operations = [{ id: 'one', name: 'One', document, location, usage: null }]
  const known = { operations, recorded: null }
  const changes = compareGraphs(base, head, known)
  const approvals = changes
    .filter(({ grade, coordinate }) => grade === 'BREAKING' && !unapproved.includes(coordinate ?? ''))
    .map((finding) => ({
      fingerprint: fingerprintOf(finding),
      reason: 'agreed',
      by: 'ada',
      expires: '2027-01-01',
      location,
    }))
  const findings = judge([...changes, ...checkOperations(base, head, known)], {
    failOn: 'breaking',
    ownersOf: () => [],
    approvals,
    baseline: null,
    today: '2026-12-01',
  })
  const codeOf = new Map(
    findings.map(({ fingerprint, code, coordinate }) => [fingerprint, `${code} ${coordinate}`]),
  )
  const broken = findings.find(({ code }) => code === 'OPERATION_INVALID')
  return {
    fails: broken?.fails,
    causes: broken?.causes.map((fingerprint) => codeOf.get(fingerprint)),
    excuse: broken?.excuse,
    codes: findings.map(({ code }) => code),
  }
}

const CASES: readonly (readonly [string, string, (sdl: string) => string, readonly string[]])[] = [
  [
    'a field',
    'query One { items { title } }',
    (sdl) => sdl.replace('title: String tag', 'tag'),
    ['FIELD_REMOVED Item.title'],
  ],
  [
    'two fields',
    'query One { items { title shelf { id } } }',
    (sdl) => sdl.replace('title: String tag', 'tag').replace('shelf: Shelf', ''),
    ['FIELD_REMOVED Item.title', 'FIELD_REMOVED Item.shelf'],
  ],
  [
    'a field in a fragment',
    'query One { items { ...F } } fragment F on Item { ... on Item { title } }',
    (sdl) => sdl.replace('title: String tag', 'tag'),
    ['FIELD_REMOVED Item.title'],
  ],
  [
    'another type of a field',
    'query One { items { tag { name } } }',
    (sdl) => sdl.replace('tag: Tag', 'tag: Shelf'),
    ['FIELD_TYPE_CHANGED Item.tag'],
  ],
  [
    'an object that was a scalar',
    'query One { items { title } }',
    (sdl) => sdl.replace('title: String tag', 'title: Tag tag'),
    ['FIELD_TYPE_CHANGED Item.title'],
  ],
  [
    'a required argument',
    'query One { search { __typename } }',
    (sdl) => sdl.replace('search:', 'search(at: Int!):'),
    ['FIELD_ARGUMENT_ADDED Query.search(at:)'],
  ],
  [
    'an argument',
    'query One { items(kind: A) { id } }',
    (sdl) => sdl.replace(', kind: Kind)', ')'),
    ['FIELD_ARGUMENT_REMOVED Query.items(kind:)'],
  ],
  [
    'the type of a variable',
    'query One($k: Kind) { items(kind: $k) { id } }',
    (sdl) => sdl.replace('kind: Kind)', 'kind: Kind!)'),
    ['FIELD_ARGUMENT_TYPE_CHANGED Query.items(kind:)'],
  ],
  [
    'a type by its name',
    'query One($w: Where) { items(where: $w) { id } }',
    (sdl) => sdl.replaceAll('Where', 'Filter'),
    ['TYPE_REMOVED Where'],
  ],
  [
    'a field of an input',
    'query One { items(where: { id: 1 }) { id } }',
    (sdl) => sdl.replace('{ id: ID kind', '{ kind'),
    ['INPUT_FIELD_REMOVED Where.id'],
  ],
  [
    'a required field of an input',
    'query One { items(where: {}) { id } }',
    (sdl) => sdl.replace('kind: Kind }', 'kind: Kind! }'),
    ['INPUT_FIELD_TYPE_CHANGED Where.kind'],
  ],
  [
    'an enum value',
    'query One { items(where: { kind: B }) { id } }',
    (sdl) => sdl.replace('A B', 'A'),
    ['ENUM_VALUE_REMOVED Kind.B'],
  ],
  [
    'a member of a union',
    'query One { search { ... on Shelf { id } } }',
    (sdl) => sdl.replace('| Shelf', ''),
    ['UNION_MEMBER_REMOVED Found'],
  ],
  [
    'a directive',
    'query One { items @shout { id } }',
    (sdl) => sdl.replace(/directive.*/, ''),
    ['DIRECTIVE_REMOVED @shout'],
  ],
  [
    'a root type',
    'mutation One { add { id } }',
    (sdl) => sdl.replace(/type Mutation.*/, ''),
    ['TYPE_REMOVED Mutation'],
  ],
]

test.each(CASES)(
  'an approval covers the operations that broke by the change: %s',
  (_name, document, change, causes) => {
    const { excuse, ...found } = judged(document, change)
    expect(found).toMatchObject({ fails: false, causes })
    expect(excuse).toMatchObject({ type: 'approved', by: 'ada' })
    const [last = ''] = causes.slice(-1)
    const coordinate = last.slice(last.indexOf(' ') + 1)
    expect(judged(document, change, [coordinate])).toMatchObject({ fails: true, excuse: null, causes })
  },
)

test('an error that no breaking change explains is covered by no approval, whatever else is approved', () => {
  const document =
    'query One { items { tag { name } } search { ... on Item { x: title } ... on Shelf { x: label } } }'
  const { fails, causes, codes } = judged(document, (sdl) =>
    sdl.replace('name: String', '').replace('title: String tag', 'title: String! tag'),
  )
  expect(codes).toEqual(['FIELD_REMOVED', 'FIELD_TYPE_CHANGED', 'OPERATION_INVALID'])
  expect({ fails, causes }).toEqual({ fails: true, causes: [] })
  const alone = judged(document, (sdl) => sdl.replace('name: String', ''))
  expect(alone).toMatchObject({ fails: false, causes: ['FIELD_REMOVED Tag.name'] })
})
