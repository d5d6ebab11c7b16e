import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Subgraph } from '../model/graph.ts'
import { graphqlSource, printLocation } from '../model/source.ts'
import { composeBeside } from './compose-beside.ts'
import { composeGraph } from './compose-graph.ts'

function subgraph(name: string, sdl: string): Subgraph {
  const path = `${name}.graphql`
  const text = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])\n${sdl}`
  return {
    name,
    routingUrl: `http://${name}.invalid`,
    files: [{ path, text }],
    document: parse(graphqlSource({ path, text })),
  }
}

/** What a failed composition says: section, code, subgraphs and place of each finding. */
function found(...subgraphs: readonly Subgraph[]) {
  return composeGraph('head', subgraphs).findings.map(
    ({ section, code, grade, subgraphs: names, location }) => ({
      section,
      code,
      grade,
      subgraphs: names,
      place: location === null ? null : printLocation(location),
    }),
  )
}

const ITEMS = subgraph('items', 'type Query { item: Item }\ntype Item @key(fields: "id") { id: ID! }')

describe('composing a graph', () => {
  test('gives the supergraph, and what clients see of it', () => {
    const titles = subgraph('titles', 'type Item @key(fields: "id") { id: ID! title: String @authenticated }')
    const composition = composeGraph('head', [titles, ITEMS])
    if (composition.type !== 'composed') return expect.unreachable()
    const { graph, findings } = composition

    expect(findings).toEqual([])
    expect(graph.subgraphs.map(({ name }) => name)).toEqual(['items', 'titles'])
    expect(graph.supergraphSdl).toContain('@join__graph(name: "titles", url: "http://titles.invalid")')
    expect(graph.apiSchema.getType('Item')?.toString()).toBe('Item')
    expect(graph.apiSchema.getDirective('key')).toBeUndefined()
    expect(graph.apiSchema.getDirective('defer')).toBeDefined()
  })

  test('what a subgraph alone has wrong is said at its place', () => {
    expect(
      found(ITEMS, subgraph('titles', 'type Item @key(fields: "uid") {\n  id: ID!\n  by: Artist\n}')),
    ).toEqual([
      {
        section: 'subgraphs',
        code: 'INVALID_GRAPHQL',
        grade: 'ERROR',
        subgraphs: ['titles'],
        place: 'titles.graphql:4:7',
      },
    ])
    expect(found(ITEMS, subgraph('titles', 'type Item @key(fields: "uid") {\n  id: ID!\n}'))).toEqual([
      {
        section: 'subgraphs',
        code: 'KEY_INVALID_FIELDS',
        grade: 'ERROR',
        subgraphs: ['titles'],
        place: 'titles.graphql:2:11',
      },
    ])
  })

  test('what does not fit together is said with all subgraphs that are to blame', () => {
    expect(
      found(
        subgraph('items', 'type Query { item: Item }\ntype Item @key(fields: "id") { id: ID! size: Int }'),
        subgraph('titles', 'type Item @key(fields: "id") { id: ID! size: Int }'),
      ),
    ).toEqual([
      {
        section: 'composition',
        code: 'INVALID_FIELD_SHARING',
        grade: 'ERROR',
        subgraphs: ['items', 'titles'],
        place: 'items.graphql:3:40',
      },
    ])
  })

  test('a query that no plan can answer is an error, and hints are warnings or notes', () => {
    const unreachable = found(
      ITEMS,
      subgraph('titles', 'type Item @key(fields: "id", resolvable: false) { id: ID! title: String }'),
    )
    expect(unreachable).toMatchObject([
      { section: 'composition', code: 'SATISFIABILITY_ERROR', grade: 'ERROR' },
    ])

    const described = (text: string) => `"""${text}"""\ntype Item @key(fields: "id") { id: ID! }`
    const hinted = found(
      subgraph('items', `type Query { item: Item }\n${described('One')}`),
      subgraph('titles', described('Two')),
    )
    expect(hinted).toMatchObject([
      { section: 'composition', code: 'INCONSISTENT_DESCRIPTION', grade: 'WARNING' },
    ])
  })

  test('a large base is composed on a thread, with the same outcome', async () => {
    const types = Array.from(
      { length: 3_000 },
      (_, index) => `type T${index} {\n  "${'x'.repeat(100)}"\n  size: Int\n}`,
    )
    const large = subgraph('large', types.join('\n'))
    const beside = await composeBeside('base', [ITEMS, large])
    const here = composeGraph('base', [ITEMS, large])
    if (beside.type !== 'composed' || here.type !== 'composed') return expect.unreachable()
    expect(beside.graph.supergraphSdl).toBe(here.graph.supergraphSdl)
    expect(beside.graph.subgraphs).toEqual(here.graph.subgraphs)

    const broken = subgraph('broken', `${types.join('\n')}\ntype Item @key(fields: "uid") { id: ID! }`)
    expect(await composeBeside('base', [ITEMS, broken])).toEqual(composeGraph('base', [ITEMS, broken]))
  })
})
