import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KnownOperation, KnownOperations } from '../model/operation.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { writeDocs } from './write-docs.ts'

const ITEMS = `
"The items that are for sale."
type Item @key(fields: "id") {
  id: ID!
  """
  What it is called, in \`Locale.code\`.

  - at most 80 characters
  - no <script>alert("markup")</script>
  """
  title(locale: String = "en", length: Length = SHORT): String!
  name: String @deprecated(reason: "Use title. Removed after 2027-06-30.")
}
enum Length { SHORT LONG @deprecated(reason: "Too <b>long</b>") }
input ItemFilter { text: String, length: Length = LONG }
type item { id: ID }
type Query { items(filter: ItemFilter, first: Int): [Item!]!  lower: item }
`
const PRICES = `
type Item @key(fields: "id") { id: ID!  price: Int }
`

const GRAPH = sampleGraph({ items: ITEMS, prices: PRICES })
const NONE: KnownOperations = { operations: [], recorded: null }
const KNOWN: KnownOperations = {
  operations: [
    operation('a', '{ items(filter: { text: "x" }) { title price } }', 40),
    operation('b', 'query B($filter: ItemFilter) { items(filter: $filter) { title(length: LONG) } }', 2),
    operation('c', '{ items { title } }', null),
  ],
  recorded: {
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-28T00:00:00Z',
    requests: 43,
    isEnough: true,
    coordinates: new Map([['Item.price', 1]]),
  },
}

function operation(id: string, document: string, count: number | null): KnownOperation {
  const usage = count === null ? null : { count, lastSeen: '2026-11-27T00:00:00Z', clients: ['web@1'] }
  return { id, name: null, document, location: null, usage }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schema-docs-'))
  const ownersOf = (coordinate: string | null, subgraphs: readonly string[]) =>
    subgraphs.map((subgraph) => `@team/${subgraph}${coordinate === 'Item.price' ? '-price' : ''}`)
  await writeDocs(GRAPH, KNOWN, ownersOf, folder)
})
afterAll(() => rm(folder, { recursive: true }))

function page(path: string): Promise<string> {
  return readFile(join(folder, path), 'utf8')
}

/** The part of a page about one element, as text. */
async function sectionOf(path: string, id: string): Promise<string> {
  const section = (await page(path)).split(`id="${id}">`)[1]?.split('</section>')[0] ?? ''
  return section
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

test('every link of every page leads to a page and a place that are there', async () => {
  const files = await readdir(folder, { recursive: true })
  const pages = files.filter((path) => path.endsWith('.html'))
  expect(pages).toHaveLength(3 + 5)
  let links = 0
  for (const path of pages) {
    for (const [, href = ''] of (await page(path)).matchAll(/href="([^"]*)"/g)) {
      const [file = '', anchor] = href.split('#')
      const target = file === '' ? path : join(dirname(path), file)
      expect(files).toContain(target)
      if (anchor !== undefined) expect(await page(target)).toContain(`id="${anchor}"`)
      links++
    }
  }
  expect(links).toBeGreaterThan(60)
})

test('a field says its type, arguments, deprecation, subgraphs, owners and use', async () => {
  expect(await sectionOf('types/Item.html', 'title')).toBe(
    'title: String! What it is called, in Locale.code . at most 80 characters no &#60;script&#62;alert(&#34;markup&#34;)&#60;/script&#62; locale: String = &#34;en&#34; no known operation length: Length = SHORT 1 known operation, 2 requests Resolved by items Owners @team/items Used by 3 known operations, 42 requests',
  )
  expect(await sectionOf('types/Item.html', 'price')).toContain(
    'Resolved by prices Owners @team/prices-price Used by 1 known operation, 41 requests',
  )
  expect(await sectionOf('types/Item.html', 'name')).toContain(
    'Deprecated, 2027-06-30. Use title. Removed after 2027-06-30.',
  )
  expect(await sectionOf('types/Item.html', 'id')).toContain('Resolved by items, prices')
  expect(await sectionOf('types/ItemFilter.html', 'text')).toContain(
    'Written in 1 known operation, 40 requests',
  )
  expect(await sectionOf('types/Length.html', 'LONG')).toContain('Written in 1 known operation, 2 requests')
})

test('what a schema says is text, never markup', async () => {
  for (const path of ['types/Item.html', 'types/Length.html', 'index.html', 'deprecations.html']) {
    expect(await page(path)).not.toMatch(/<script|<b>/)
  }
})

test('deprecations are listed with the day, the owners and the use', async () => {
  const text = (await page('deprecations.html')).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(text).toContain('2 elements.')
  expect(text).toContain(
    'Item.name Deprecated, 2027-06-30. Use title. Removed after 2027-06-30. Subgraphs items Owners @team/items Used by no known operation',
  )
  expect(text).toContain('Length.LONG Deprecated. Too')
})

test('names that differ in case only have files of their own on every system', async () => {
  const names = (await readdir(join(folder, 'types'))).map((name) => name.toLowerCase())
  expect(new Set(names).size).toBe(names.length)
  expect(await page('types/item-2.html')).toContain('<title>item</title>')
})

test('without operations nothing is said of use', async () => {
  const other = await mkdtemp(join(tmpdir(), 'schema-docs-'))
  await writeDocs(GRAPH, NONE, () => [], other)
  expect(await readFile(join(other, 'types/Item.html'), 'utf8')).not.toMatch(/known operation|request/)
  expect(await readFile(join(other, 'index.html'), 'utf8')).toContain('No operations are configured')
  await rm(other, { recursive: true })
})

test('writing again changes nothing, removes pages of types that are gone, and leaves other files alone', async () => {
  const other = await mkdtemp(join(tmpdir(), 'schema-docs-'))
  await writeDocs(GRAPH, NONE, () => [], other)
  const before = await readFile(join(other, 'types/Item.html'), 'utf8')
  await writeDocs(GRAPH, NONE, () => [], other)
  expect(await readFile(join(other, 'types/Item.html'), 'utf8')).toBe(before)
  await writeFile(join(other, 'types/notes.html'), 'mine')
  await writeDocs(sampleGraph({ items: 'type Query { now: Int }' }), NONE, () => [], other)
  expect(await readdir(join(other, 'types'))).toEqual(['Query.html', 'notes.html'])
  await rm(other, { recursive: true })
})
