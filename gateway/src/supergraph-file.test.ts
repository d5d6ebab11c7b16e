import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloGateway } from '@apollo/gateway'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSupergraphFile } from './supergraph-file.ts'

const COMMITTED = new URL('../../schema/supergraph.graphql', import.meta.url)
const log = createLogger({ service: 'test', level: 'silent' })

let folder: string
let path: string
let gateway: ApolloGateway | undefined

beforeEach(async () => {
  vi.stubEnv('APOLLO_TELEMETRY_DISABLED', '1')
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-supergraph-'))
  path = join(folder, 'supergraph.graphql')
})

afterEach(async () => {
  await gateway?.stop()
  gateway = undefined
  await rm(folder, { recursive: true })
})

/** The type names that the gateway's schema has, newest last. */
const follow = async (): Promise<string[][]> => {
  const schemas: string[][] = []
  gateway = new ApolloGateway({
    supergraphSdl: createSupergraphFile({ path, pollMs: 10, log, onLoaded: () => undefined }),
    logger: log,
  })
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => schemas.push(Object.keys(apiSchema.getTypeMap())))
  await gateway.load()
  return schemas
}

const withExtraType = async (): Promise<string> =>
  (await readFile(COMMITTED, 'utf8')).replace(
    'type Assignment\n',
    'type Extra @join__type(graph: EXPERIMENTATION) {\n  id: ID!\n}\n\ntype Assignment\n',
  )

test('a changed file is in use within the interval, also when it is replaced by a rename', async () => {
  await writeFile(path, await readFile(COMMITTED))
  const schemas = await follow()
  expect(schemas.at(-1)).not.toContain('Extra')
  await writeFile(`${path}.new`, await withExtraType())
  await rename(`${path}.new`, path)
  await vi.waitFor(() => expect(schemas.at(-1)).toContain('Extra'))
})

test('a broken file leaves the schema in use in place, and a mended one is taken', async () => {
  await writeFile(path, await readFile(COMMITTED))
  const schemas = await follow()
  await writeFile(path, 'type Query {')
  await rm(path)
  await writeFile(path, await withExtraType())
  await vi.waitFor(() => expect(schemas.at(-1)).toContain('Extra'))
})

test('a missing file at the start says what to do', async () => {
  await expect(follow()).rejects.toThrow('schema:compose')
})
