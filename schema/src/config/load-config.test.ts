import { isRecord } from '@bulkhead/service/json'
import { expect, test } from 'vitest'
import { openWorkingTree } from '../inputs/folder-tree.ts'
import { readSubgraphs } from '../inputs/read-subgraphs.ts'
import { testFolder } from '../testing/test-repository.ts'
import { configJsonSchema } from './config-file.ts'
import { loadConfig } from './load-config.ts'

function load(files: Readonly<Record<string, string>>, path = 'supergraph.yaml') {
  const tree = openWorkingTree(testFolder(files))
  return { tree, config: loadConfig(path, tree) }
}

test("rover's file is a configuration, in YAML and in JSON", async () => {
  const yaml = `federation_version: =2.9.0
subgraphs:
  items:
    routing_url: https://items.example
    schema:
      file: ./items.graphql
  users:
    schema:
      sdl: "type Query { me: ID }"
`
  const json = JSON.stringify({
    federation_version: '=2.9.0',
    subgraphs: {
      items: { routing_url: 'https://items.example', schema: { file: './items.graphql' } },
      users: { schema: { sdl: 'type Query { me: ID }' } },
    },
  })
  for (const text of [yaml, json]) {
    const config = await load({ 'supergraph.yaml': text }).config
    expect(config).toMatchObject({
      path: 'supergraph.yaml',
      federationVersion: '=2.9.0',
      subgraphs: [
        {
          name: 'items',
          routingUrl: 'https://items.example',
          schema: { type: 'file', pattern: 'items.graphql' },
        },
        { name: 'users', routingUrl: 'http://users.invalid/graphql', schema: { type: 'sdl' } },
      ],
      check: {
        base: null,
        removedSubgraphs: [],
        operations: null,
        lint: { rules: new Map() },
        owners: null,
        contracts: null,
        approvals: null,
        baseline: null,
        failOn: 'breaking',
      },
    })
  }
})

test('paths are relative to the configuration, also from a folder that is called like a pattern', async () => {
  const { config, tree } = load(
    {
      'graphs/[main]/supergraph.yaml': `subgraphs:
  a: { schema: { file: a/*.graphql } }
  b: { schema: { file: ../b.graphql } }
check:
  base: origin/main
  operations: { documents: ["/srv/ops/*.graphql", ops/*.graphql], usage_window_days: 7, least_requests: 5 }
  lint: { rules: { ids: off, descriptions: { level: error, options: { least: 3 } } } }
  owners: [{ pattern: Item.*, owners: [shop] }]
  contracts: { schemas: c/*.json }
  approvals: approvals.yaml
  fail_on: dangerous
`,
      'graphs/[main]/a/2.graphql': 'extend type Query { two: Int }',
      'graphs/[main]/a/1.graphql': 'type Query { one: Int }',
      'graphs/b.graphql': 'type Query { b: Int }',
    },
    'graphs/[main]/supergraph.yaml',
  )
  const loaded = await config
  expect(loaded.check).toMatchObject({
    base: 'origin/main',
    operations: {
      documents: ['/srv/ops/*.graphql', expect.any(String)],
      usageWindowDays: 7,
      leastRequests: 5,
    },
    owners: { rows: [{ pattern: 'Item.*', owners: ['shop'] }] },
    contracts: { experiments: null },
    approvals: 'graphs/[main]/approvals.yaml',
    failOn: 'dangerous',
  })
  expect(Object.fromEntries(loaded.check.lint.rules)).toEqual({
    ids: {
      level: 'off',
      options: {},
      location: { file: 'graphs/[main]/supergraph.yaml', line: 7, column: 20 },
    },
    descriptions: { level: 'error', options: { least: 3 }, location: expect.objectContaining({ line: 7 }) },
  })
  const subgraphs = await readSubgraphs(loaded, tree)
  expect(subgraphs.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
    ['a', ['graphs/[main]/a/1.graphql', 'graphs/[main]/a/2.graphql']],
    ['b', ['graphs/b.graphql']],
  ])
})

test('nodes of SDL in the configuration stand where it does', async () => {
  const text = `subgraphs:
  a:
    schema:
      sdl: |
        type Query {
          one: Int
        }
`
  const { config, tree } = load({ 'supergraph.yaml': text })
  const [subgraph] = await readSubgraphs(await config, tree)
  const [query] = subgraph?.document.definitions ?? []
  const field = query?.kind === 'ObjectTypeDefinition' ? query.fields?.[0] : undefined
  expect([field?.loc?.source.name, field?.loc?.startToken.line, field?.loc?.startToken.column]).toEqual([
    'supergraph.yaml',
    6,
    11,
  ])
})

test('the JSON Schema of the configuration is committed as it is: `vitest run --project test schema/src/config -u`', async () => {
  await expect(configJsonSchema()).toMatchFileSnapshot('../../config.schema.json')
})

test('every key is described', () => {
  const described: string[] = []
  const visit = (node: unknown, path: string) => {
    if (Array.isArray(node)) for (const one of node) visit(one, path)
    if (!isRecord(node)) return
    for (const [key, value] of Object.entries(isRecord(node.properties) ? node.properties : {})) {
      expect(value, `${path}${key} has no description`).toMatchObject({ description: expect.any(String) })
      described.push(key)
    }
    for (const [key, value] of Object.entries(node))
      visit(value, key === 'properties' ? path : `${path}${key}.`)
  }
  visit(JSON.parse(configJsonSchema()), '')
  expect(described).toContain('usage_window_days')
})
