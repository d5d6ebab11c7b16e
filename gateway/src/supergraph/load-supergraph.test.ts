import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { composeSample } from '../testing/compose-sample.ts'
import { createFileSource } from './file-source.ts'
import { type LoadedSupergraph, loadSupergraph } from './load-supergraph.ts'
import type { Supergraph } from './supergraph.ts'
import type { SupergraphSource } from './supergraph-source.ts'

const COMMITTED = new URL('../../../schema/supergraph.graphql', import.meta.url)

type Hooks = Parameters<LoadedSupergraph['watch']>[0]

let folder: string
let path: string
let loaded: LoadedSupergraph | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-supergraph-'))
  path = join(folder, 'supergraph.graphql')
})

afterEach(async () => {
  await loaded?.stop()
  loaded = undefined
  verify.mockReset()
  await rm(folder, { recursive: true })
})

const verify = vi.fn((_supergraph: Supergraph): void => undefined)

/** Polls as the gateway does: whether the schema in use has the extra type, and what is logged of reloads. */
async function follow(hooks: Partial<Hooks> = {}, source: SupergraphSource = createFileSource(path)) {
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const supergraph = await loadSupergraph({ source, verify, pollMs: 10, log, metrics })
  loaded = supergraph
  supergraph.watch({ warm: async () => undefined, onSwitch: () => undefined, ...hooks })
  const metric = async (name: string) =>
    Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await metrics.registry.metrics())?.[1])
  return {
    lines,
    current: supergraph.current,
    check: supergraph.check,
    stop: supergraph.stop,
    hasExtra: () => hasExtra(supergraph.current()),
    /** Its refusals, counted by the metric, and whether the newest text is refused. */
    reloads: async () => ({
      refused: await metric('bulkhead_supergraph_reloads_refused_total'),
      failed: await metric('bulkhead_supergraph_reload_failed'),
    }),
    warnings: () => lines.filter(({ level }) => level === 'warn'),
  }
}

function hasExtra({ schema }: Supergraph): boolean {
  return schema.getType('Extra') !== undefined
}

/** A source whose text a test sets. */
function sourceOf(read: SupergraphSource['read']): SupergraphSource {
  return { what: 'document', place: { url: 'http://registry.example/supergraph' }, read }
}

async function replaceFile(text: string): Promise<void> {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
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
  await replaceFile(await withExtraType())
  await vi.waitFor(() => expect(file.hasExtra()).toBe(true), 5_000)
  expect(file.lines).toEqual([expect.objectContaining({ level: 'info', path, msg: 'supergraph reloaded' })])
})

test.each([
  ['half written', async () => (await committed()).slice(0, 5_000)],
  ['no GraphQL', async () => '<html>'],
  ['empty', async () => ''],
  ['no supergraph', async () => 'type Query { a: Int }'],
  [
    'a supergraph with a feature that would be ignored',
    async () => composeSample({ a: 'type Query { a: Int @policy(policies: [["p"]]) }' }),
  ],
])(
  'a file that is %s leaves the schema in use in place, is logged once, and can be corrected',
  async (_name, broken) => {
    await writeFile(path, await withExtraType())
    const file = await follow()
    expect(await file.reloads()).toEqual({ refused: 0, failed: 0 })
    expect(file.check()).toEqual({ ok: true })

    await replaceFile(await broken())
    await vi.waitFor(() => expect(file.warnings()).toHaveLength(1), 5_000)
    expect(file.warnings()).toMatchObject([
      { path, msg: 'supergraph file refused; keeping the supergraph in use' },
    ])
    expect(file.hasExtra()).toBe(true)
    expect(await file.reloads()).toEqual({ refused: 1, failed: 1 })
    expect(file.check()).toEqual({
      ok: false,
      detail: 'the newest file is refused; the one before it is still in use',
    })

    await replaceFile(await committed())
    await vi.waitFor(() => expect(file.hasExtra()).toBe(false), 5_000)
    expect(await file.reloads()).toEqual({ refused: 1, failed: 0 })
    expect(file.check()).toEqual({ ok: true })
    expect(file.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  },
)

test('a second broken file is tried and logged as well', async () => {
  await writeFile(path, await committed())
  const file = await follow()
  await replaceFile('broken')
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
  await replaceFile('broken again')
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(2))
  expect(await file.reloads()).toEqual({ refused: 2, failed: 1 })
})

test('a file that vanishes and comes back unchanged is logged once, and nothing is switched', async () => {
  await writeFile(path, await committed())
  const onSwitch = vi.fn()
  const file = await follow({ onSwitch })
  const before = file.current()
  await rename(path, `${path}.away`)
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
  expect(file.check().ok).toBe(false)
  await rename(`${path}.away`, path)
  await vi.waitFor(() => expect(file.check().ok).toBe(true))
  expect(file.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  // Not `toBe`: to print the difference of two supergraphs takes minutes.
  expect(file.current() === before).toBe(true)
  expect(onSwitch).not.toHaveBeenCalled()
})

test('a missing file at the start says what to do', async () => {
  await expect(follow()).rejects.toMatchObject({
    name: 'StartupError',
    message: expect.stringMatching(/ENOENT.*SUPERGRAPH_PATH.*--supergraph.*schema:compose/),
  })
})

test('a file that is no supergraph at the start says what is wrong, and what to do', async () => {
  await writeFile(path, '<html>')
  await expect(follow()).rejects.toMatchObject({
    name: 'StartupError',
    message: expect.stringMatching(
      /supergraph\.graphql is not a supergraph.*Unexpected character.*SUPERGRAPH_PATH/,
    ),
  })
})

test('a supergraph that the gateway cannot serve is refused, at the start and as a reload', async () => {
  verify.mockImplementation((supergraph) => {
    if (hasExtra(supergraph)) throw new Error('it has an extra')
  })
  await writeFile(path, await withExtraType())
  await expect(follow()).rejects.toMatchObject({
    name: 'StartupError',
    message: expect.stringMatching(
      /supergraph\.graphql is not a supergraph that can be served \(it has an extra\)/,
    ),
  })
  await writeFile(path, await committed())
  const warm = vi.fn(async () => {})
  const file = await follow({ warm })
  await replaceFile(await withExtraType())
  await vi.waitFor(
    () => expect(file.warnings()).toMatchObject([{ err: { message: 'it has an extra' } }]),
    5_000,
  )
  expect([file.hasExtra(), warm.mock.calls]).toEqual([false, []])
})

test('the new supergraph is in use once it is warm, and then the old one can be drained', async () => {
  await writeFile(path, await committed())
  const warmed = Promise.withResolvers<void>()
  const warm = vi.fn((_next: Supergraph, _signal: AbortSignal) => warmed.promise)
  const switched: boolean[][] = []
  const file = await follow({
    warm,
    onSwitch: (before, now) => switched.push([before, now, file.current()].map(hasExtra)),
  })
  await replaceFile(await withExtraType())
  await vi.waitFor(() => expect(warm).toHaveBeenCalled(), 5_000)
  expect(warm.mock.calls.map(([next]) => hasExtra(next))).toEqual([true])
  expect([file.hasExtra(), switched, file.lines]).toEqual([false, [], []])
  warmed.resolve()
  await vi.waitFor(() => expect(file.hasExtra()).toBe(true))
  expect(switched).toEqual([[false, true, true]])
})

test('a supergraph that cannot be warmed is refused, and tried again only once its text has changed', async () => {
  await writeFile(path, await committed())
  const warm = vi.fn(async () => {})
  warm.mockRejectedValueOnce(new Error('cannot be planned'))
  const onSwitch = vi.fn()
  const file = await follow({ warm, onSwitch })
  await replaceFile(await withExtraType())
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1), 5_000)
  expect(file.warnings()).toMatchObject([{ err: { message: 'cannot be planned' } }])
  expect([file.hasExtra(), file.check().ok]).toEqual([false, false])
  await replaceFile(`${await withExtraType()}\n# corrected`)
  await vi.waitFor(() => expect(file.hasExtra()).toBe(true), 5_000)
  expect([warm.mock.calls.length, onSwitch.mock.calls.length]).toEqual([2, 1])
})

test('reloads never overlap, however long one takes: the newest text follows', async () => {
  const texts = ['one', 'two', 'three'].map((field) => composeSample({ a: `type Query { ${field}: Int }` }))
  const [one = '', two = '', three = ''] = texts
  let text = one
  let underWay = 0
  const overlaps: number[] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const warm = vi.fn(async () => {
    underWay += 1
    overlaps.push(underWay)
    await gates[warm.mock.calls.length - 1]?.promise
    underWay -= 1
  })
  const { current } = await follow(
    { warm },
    sourceOf(async () => text),
  )
  text = two
  await vi.waitFor(() => expect(warm).toHaveBeenCalledTimes(1))
  text = three
  // Several intervals long.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(warm).toHaveBeenCalledTimes(1)
  gates[0]?.resolve()
  await vi.waitFor(() => expect(warm).toHaveBeenCalledTimes(2))
  expect(current().sdl).toBe(two)
  gates[1]?.resolve()
  await vi.waitFor(() => expect(current().sdl).toBe(three))
  expect(overlaps).toEqual([1, 1])
})

test('a stop gives up the reload under way without a word, and keeps the supergraph in use', async () => {
  await writeFile(path, await committed())
  const onSwitch = vi.fn()
  let aborted = false
  const warm = vi.fn(
    (_next: Supergraph, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        })
      }),
  )
  const file = await follow({ warm, onSwitch })
  await replaceFile(await withExtraType())
  await vi.waitFor(() => expect(warm).toHaveBeenCalled(), 5_000)
  await file.stop()
  expect([aborted, file.hasExtra(), onSwitch.mock.calls.length]).toEqual([true, false, 0])
  expect(file.lines).toEqual([])
  expect(await file.reloads()).toEqual({ refused: 0, failed: 0 })
})

test('a stop during a warm-up that ignores it does not switch either', async () => {
  await writeFile(path, await committed())
  const warmed = Promise.withResolvers<void>()
  const warm = vi.fn(() => warmed.promise)
  const file = await follow({ warm })
  await replaceFile(await withExtraType())
  await vi.waitFor(() => expect(warm).toHaveBeenCalled(), 5_000)
  const stopped = file.stop()
  warmed.resolve()
  await stopped
  expect([file.hasExtra(), file.lines]).toEqual([false, []])
})

test('a stop during a read gives it up, and nothing is refused', async () => {
  const text = await committed()
  const read = vi.fn<SupergraphSource['read']>(async () => text)
  const file = await follow({}, sourceOf(read))
  const reading = Promise.withResolvers<void>()
  read.mockImplementation(
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        reading.resolve()
      }),
  )
  await reading.promise
  await file.stop()
  expect(file.lines).toEqual([])
  expect(await file.reloads()).toEqual({ refused: 0, failed: 0 })
})

test('a source that is away is logged once with its place; the supergraph in use stays', async () => {
  const text = composeSample({ a: 'type Query { a: Int }' })
  const read = vi.fn<SupergraphSource['read']>(async () => text)
  const file = await follow({}, sourceOf(read))
  read.mockRejectedValue(new Error('ECONNREFUSED'))
  await vi.waitFor(() => expect(file.warnings()).toHaveLength(1))
  const calls = read.mock.calls.length
  await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(calls + 2))
  expect(file.lines).toMatchObject([
    {
      url: 'http://registry.example/supergraph',
      msg: 'supergraph document refused; keeping the supergraph in use',
    },
  ])
  expect(file.current().sdl).toBe(text)
  expect(await file.reloads()).toEqual({ refused: 1, failed: 1 })
})
