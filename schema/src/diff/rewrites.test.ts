import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleGraph } from '../testing/sample-graph.ts'
import { compareGraphs } from './compare-graphs.ts'
import { readCorpus, SHOP } from './testing/corpus.ts'
import { REWRITES, reorder, UNORDERED_NAMES } from './testing/rewrites.ts'

const NO_OPERATIONS = { operations: [], recorded: null }

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@requires", "@provides", "@external", "@override", "@inaccessible", "@tag", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context", "@fromContext"])
`

/** A directive for operations has to be in every subgraph. */
const DIRECTIVE = 'directive @cached(seconds: Int! = 60, scope: String) repeatable on FIELD | QUERY\n'

/** What is in no other place: values with fields, and a type with several interfaces. */
const EXTRA: Readonly<Record<string, string>> = {
  catalog: `
    extend type Query { shelf(size: Size = { width: 1, height: 2 }): Shelf }
    extend type Query { boxes(first: Int, last: Int): [Int] @listSize(slicingArguments: ["first", "last"]) }
    input Size { width: Int! height: Int! }
    type Shelf implements Node & Media { id: ID! url: String! }
  `,
}

const BASE = mapValues(SHOP, (sdl, name) => `${LINK}${DIRECTIVE}${sdl}${EXTRA[name] ?? ''}`)
const base = sampleGraph(BASE, 'base')

test.each(REWRITES)('nothing is reported of $name', ({ rewrite }) => {
  const head = mapValues(BASE, rewrite)
  expect(head).not.toEqual(BASE)
  expect(compareGraphs(base, sampleGraph(head), NO_OPERATIONS)).toEqual([])
})

test('at least 50 rewrites are held to be none', () => {
  const written = readCorpus().filter(({ name }) => name.startsWith('rewrites'))
  expect(REWRITES.length + written.length).toBeGreaterThanOrEqual(50)
})

test('nothing is reported of everything in any order, whichever way it is printed', () => {
  const orders = fc.array(fc.tuple(fc.constantFrom(...UNORDERED_NAMES), fc.infiniteStream(fc.nat())), {
    minLength: 1,
    maxLength: 4,
  })
  const others = fc.constantFrom(...REWRITES)
  fc.assert(
    fc.property(orders, others, (shuffles, other) => {
      let head = BASE
      for (const [what, numbers] of shuffles) head = mapValues(head, reorder(what, shuffler(numbers)))
      expect(compareGraphs(base, sampleGraph(mapValues(head, other.rewrite)), NO_OPERATIONS)).toEqual([])
    }),
    { numRuns: 25 },
  )
})

function shuffler(numbers: Iterator<number>) {
  return <Item>(items: readonly Item[]): readonly Item[] =>
    items
      .map((item) => ({ item, at: Number(numbers.next().value) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item)
}

function mapValues(
  sdlByName: Readonly<Record<string, string>>,
  change: (sdl: string, name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sdlByName).map(([name, sdl]) => [name, change(sdl, name)]))
}
