import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloGateway } from '@apollo/gateway'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSupergraphFile } from './supergraph-file.ts'

const COMMITTED = new URL('../../../schema/supergraph.graphql', import.meta.url)

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

/** Polls the file as the gateway does: whether the schema in use has the extra type, and what is logged of reloads. */
async function follow() {
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const supergraph = createSupergraphFile({ path, pollMs: 10, log, metrics })
  gateway = new ApolloGateway({ supergraphSdl: supergraph, logger: captureLog().log })
  let types: string[] = []
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    types = Object.keys(apiSchema.getTypeMap())
  })
  await gateway.load()
  const metric = async (name: string) =>
    Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await metrics.registry.metrics())?.[1])
  return {
    lines,
    check: supergraph.check,
    hasExtra: () => types.includes('Extra'),
    /** Its refusals, counted by the metric, and whether the newest file is refused. */
    reloads: async () => ({
      refused: await metric('bulkhead_supergraph_reloads_refused_total'),
      failed: await metric('bulkhead_supergraph_reload_failed'),
    }),
    warnings: () => lines.filter(({ level }) => level === 'warn'),
  }
}

function committed() {
  return readFile(COMMITTED, 'utf8')
}

async function withExtraType(): Promise<string> {
  return (await committed()).replace(
    'type Assignment\n',
    'type Extra @join__type(graph: EXPERIMENTATION) {\n  id: ID!\n}\n\ntype Assignment\n',
  )
}

test('a changed file is in use within the interval, also when it is replaced by a rename', async () => {
  await writeFile(path, await committed())
  const file = await follow()
  expect(file.hasExtra()).toBe(false)
  await writeFile(`${path}.new`, await withExtraType())
  await rename(`${path}.new`, path)
  await vi.waitFor(() => expect(file.hasExtra()).toBe(true))
  expect(file.lines).toEqual([expect.objectContaining({ level: 'info', msg: 'supergraph reloaded' })])
})

test.each([
  ['half written', async () => (await committed()).slice(0, 5_000)],
  ['no GraphQL', async () => '<html>'],
  ['empty', async () => ''],
  ['no supergraph', async () => 'type Query { a: Int }'],
])(
  'a file that is %s leaves the schema in use in place, is logged once, and can be corrected',
  async (_name, broken) => {
    await writeFile(path, await withExtraType())
    const file = await follow()
    expect(await file.reloads()).toEqual({ refused: 0, failed: 0 })
    expect(file.check()).toEqual({ ok: true })

    await writeFile(`${path}.new`, await broken())
    await rename(`${path}.new`, path)
    await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
    expect(file.hasExtra()).toBe(true)
    expect(await file.reloads()).toEqual({ refused: 1, failed: 1 })
    expect(file.check()).toMatchObject({ ok: false, detail: expect.stringContaining('refused') })

    await writeFile(`${path}.new`, await committed())
    await rename(`${path}.new`, path)
    await vi.waitFor(() => expect(file.hasExtra()).toBe(false))
    expect(await file.reloads()).toEqual({ refused: 1, failed: 0 })
    expect(file.check()).toEqual({ ok: true })
    expect(file.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  },
)

test('a second broken file is tried and logged as well', async () => {
  await writeFile(path, await committed())
  const file = await follow()
  await writeFile(path, 'broken')
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
  await writeFile(path, 'broken again')
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(2))
  expect(await file.reloads()).toEqual({ refused: 2, failed: 1 })
})

test('a file that vanishes and comes back unchanged is logged once, and is in use again', async () => {
  await writeFile(path, await committed())
  const file = await follow()
  await rename(path, `${path}.away`)
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
  expect(file.check().ok).toBe(false)
  await rename(`${path}.away`, path)
  await vi.waitFor(() => expect(file.check().ok).toBe(true))
  expect(file.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
})

test('a missing file at the start says what to do', async () => {
  await expect(follow()).rejects.toThrow('schema:compose')
})
