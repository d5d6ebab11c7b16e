import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { testFolder } from '../testing/test-repository.ts'
import { createTestTerminal } from '../testing/test-terminal.ts'
import { runCommand } from './run-command.ts'
import type { Terminal } from './terminal.ts'

const BOOKSHOP = join(import.meta.dirname, '../../fixtures/bookshop')
const REVIEWS = 'subgraphs/reviews.graphql'
const TEAM = "check:\n  owners: [{ pattern: '*', owners: [shop] }]"

/** The example graph, and a copy of it as the base. */
function bookshop() {
  const folder = testFolder({})
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')))
  for (const place of [folder, join(folder, 'before')]) {
    cpSync(BOOKSHOP, place, { recursive: true })
    edit(join(relative(folder, place), 'supergraph.yaml'), (text) => text.replace('check:', TEAM))
  }
  return { folder, edit, read: (path: string) => readFileSync(join(folder, path), 'utf8') }
}

async function run(folder: string, args: readonly string[], overrides: Partial<Terminal> = {}) {
  const { terminal, output, errors } = createTestTerminal(folder, overrides)
  return { code: await runCommand(args, terminal), output: output(), errors: errors() }
}

function withoutNickname(sdl: string): string {
  return sdl.replace('nickname: String', 'shownAs: String')
}

describe('the command line', () => {
  test('shows its help, and refuses what it does not know with exit code 2', async () => {
    const { folder } = bookshop()
    expect(await run(folder, [])).toMatchObject({ code: 0, errors: '' })
    expect((await run(folder, ['check', '--help'])).output).toContain('--base <REF>')
    for (const args of [
      ['chekc'],
      ['check', '--bose', 'before'],
      ['check', '--format', 'html'],
      ['check', '--format', 'json='],
      ['check', '--fail-on', 'safe'],
      ['check', '--usage-window', 'soon'],
      ['check', '--date', '2026-02-30'],
      ['check', '--base', '--upload-pack=x'],
      ['check', '--base', ''],
      ['check', '--base', 'before', '--no-base'],
      ['check', '--no-base', '--base', 'before'],
      ['check', '--format', 'json=out', '--format', 'text=./out'],
      ['changelog', ''],
      ['docs'],
      ['changelog'],
    ]) {
      const { code, output, errors } = await run(folder, args)
      expect({ args, code, output, lines: errors.split('\n').length }).toEqual({
        args,
        code: 2,
        output: '',
        lines: 2,
      })
    }
  })
})

describe('check', () => {
  test('is 0 where nothing fails, and 1 for a break that an operation uses', async () => {
    const { folder, edit } = bookshop()
    expect(await run(folder, ['check', '--base', 'before'])).toMatchObject({ code: 0, errors: '' })
    expect((await run(folder, ['check', '--no-base'])).output).toContain('Nothing is compared')

    edit(REVIEWS, withoutNickname)
    const broken = await run(folder, ['check', '--base', 'before'])
    expect(broken.code).toBe(1)
    expect(broken.output).toContain('FAIL BREAKING Reader.nickname FIELD_REMOVED')
    expect(broken.output).toContain('BookPage')
    expect(broken.output).toContain('shop')
    expect(await run(folder, ['check', '--no-base'])).toMatchObject({ code: 1 })
  })

  test('writes each format where it is asked to, the same bytes each time', async () => {
    const { folder, edit, read } = bookshop()
    edit(REVIEWS, withoutNickname)
    const formats = ['text', 'json', 'markdown', 'github', 'sarif', 'junit']
    const args = [
      'check',
      '--base',
      'before',
      ...formats.flatMap((name) => ['--format', `${name}=out/${name}`]),
    ]
    expect(await run(folder, args)).toEqual({ code: 1, output: '', errors: '' })
    const first = formats.map((name) => read(`out/${name}`))
    for (const text of first) expect(text).toContain('Reader.nickname')
    await run(folder, args)
    expect(formats.map((name) => read(`out/${name}`))).toEqual(first)
    const printed = await run(folder, [
      'check',
      '--base',
      'before',
      '--format',
      'json',
      '--format',
      'sarif=out/2',
    ])
    expect(printed.output).toBe(first[1])
  })

  test('a base that is called by dots is told from the end of the sentence', async () => {
    const { folder } = bookshop()
    const { output } = await run(join(folder, 'before'), [
      'check',
      '--base',
      '..',
      '--config',
      'supergraph.yaml',
    ])
    expect(output).toContain('Schema check of head against ".."\n')
    expect(output).toContain('Compared with "..".\n')
  })

  test('dangerous changes fail where it is asked for', async () => {
    const { folder, edit } = bookshop()
    edit('subgraphs/orders.graphql', (sdl) =>
      sdl.replace('  SOLD_OUT\n', '  SOLD_OUT\n\n  """No account."""\n  NOBODY\n'),
    )
    expect(await run(folder, ['check', '--base', 'before'])).toMatchObject({ code: 0 })
    expect(await run(folder, ['check', '--base', 'before', '--fail-on', 'dangerous'])).toMatchObject({
      code: 1,
    })
    edit('supergraph.yaml', (text) => text.replace('check:', 'check:\n  fail_on: dangerous'))
    expect(await run(folder, ['check', '--base', 'before'])).toMatchObject({ code: 1 })
    expect(await run(folder, ['check', '--base', 'before', '--fail-on', 'breaking'])).toMatchObject({
      code: 0,
    })
  })

  test('an approval excuses a break until its day', async () => {
    const { folder, edit, read } = bookshop()
    edit(REVIEWS, withoutNickname)
    const { output } = await run(folder, ['check', '--base', 'before'])
    const [line = ''] = /- \{ fingerprint: .*/.exec(output) ?? []
    const approved = line.replace('WHY', 'agreed').replace('WHO', 'bob').replace('YYYY-MM-DD', '2026-12-01')
    writeFileSync(join(folder, 'approvals.yaml'), `approvals:\n  ${approved}\n`)
    edit('supergraph.yaml', (text) => text.replace('check:', 'check:\n  approvals: approvals.yaml'))
    // It covers the operation that broke by the change, which is a finding of its own.
    const again = await run(folder, ['check', '--base', 'before'])
    expect(again.output).toContain('approved BREAKING OPERATION_INVALID')
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('approved by bob') })
    const late = await run(folder, ['check', '--base', 'before', '--date', '2026-12-02'])
    expect(late).toMatchObject({ code: 1 })
    expect(late.output).toContain('APPROVAL_EXPIRED')
    expect(read('approvals.yaml')).toContain('agreed')
  })

  test('a baseline takes what is wrong already as given, so that a team can start', async () => {
    const { folder, edit } = bookshop()
    edit('supergraph.yaml', (text) =>
      text.replace('check:', 'check:\n  lint: { rules: { descriptions: error } }'),
    )
    edit(REVIEWS, (sdl) => sdl.replace(/"""\s+What one reader says of a book\.\s+"""/, ''))
    expect(await run(folder, ['check', '--no-base'])).toMatchObject({ code: 1 })
    const written = await run(folder, ['check', '--no-base', '--baseline', 'known.json', '--write-baseline'])
    expect(written).toMatchObject({ code: 0, errors: 'Wrote known.json\n' })
    expect(await run(folder, ['check', '--no-base', '--baseline', 'known.json'])).toMatchObject({ code: 0 })
    edit(REVIEWS, (sdl) => sdl.replace(/"""\s+Somebody with an account\.\s+"""/, ''))
    expect(await run(folder, ['check', '--no-base', '--baseline', 'known.json'])).toMatchObject({ code: 1 })
    expect(await run(folder, ['check', '--no-base', '--write-baseline'])).toMatchObject({ code: 2 })
  })

  test('what cannot be checked is 2 in every format, and no format looks green', async () => {
    const { folder, edit, read } = bookshop()
    edit(REVIEWS, (sdl) => sdl.slice(0, -12))
    const formats = ['text', 'json', 'markdown', 'github', 'sarif', 'junit']
    const args = ['check', '--base', 'before', ...formats.flatMap((name) => ['--format', `${name}=${name}`])]
    expect(await run(folder, args)).toMatchObject({ code: 2 })
    for (const name of formats)
      expect({ name, text: read(name) }).toMatchObject({ text: expect.stringContaining('reviews.graphql') })
    expect(read('junit')).toMatch(/errors="[1-9]/)
    expect(JSON.parse(read('sarif')).runs[0].invocations[0].executionSuccessful).toBe(false)
    expect(await run(folder, ['check', '--base', 'nowhere'])).toMatchObject({ code: 2 })
    expect(await run(folder, ['check', '--config', 'nowhere.yaml'])).toMatchObject({ code: 2 })
    expect(await run(folder, ['check', '--no-base', '--format', 'json=supergraph.yaml/x'])).toMatchObject({
      code: 2,
    })
  })

  test('a defect of the check is 2 in every format too, and so is a format that cannot be written', async () => {
    const { folder, read } = bookshop()
    const formats = ['json', 'markdown', 'github', 'sarif', 'junit']
    const args = [
      'check',
      '--no-base',
      '--format',
      'text',
      ...formats.flatMap((name) => ['--format', `${name}=${name}`]),
    ]
    const environment = new Proxy(
      {},
      {
        get() {
          throw new TypeError('thrown by a defect')
        },
      },
    )
    const broken = await run(folder, args, { environment })
    expect(broken).toMatchObject({ code: 2, errors: expect.stringContaining('at Object.get') })
    const texts = [broken.output, ...formats.map(read)]
    for (const text of texts) expect(text).toContain('a defect of bulkhead-schema: thrown by a defect')
    expect(JSON.parse(read('json'))).toMatchObject({ outcome: 'cannot-check', exitCode: 2 })

    const unwritable = await run(folder, [
      'check',
      '--no-base',
      '--format',
      'text',
      '--format',
      'json=supergraph.yaml/x',
      '--format',
      'sarif=sarif',
    ])
    expect(unwritable).toMatchObject({ code: 2, errors: expect.stringContaining('supergraph.yaml/x') })
    for (const text of [unwritable.output, read('sarif')])
      expect(text).toContain('The file cannot be written')
    expect(JSON.parse(read('sarif')).runs[0].invocations[0].executionSuccessful).toBe(false)
  })

  test('a base that does not compose is no base', async () => {
    const { folder, edit } = bookshop()
    edit(`before/${REVIEWS}`, (sdl) => sdl.replace('stars: Float', 'stars: Flaot'))
    const { code, output } = await run(folder, ['check', '--base', 'before'])
    expect({ code, output }).toEqual({
      code: 2,
      output: expect.stringContaining('The base does not compose'),
    })
  })

  test('a subgraph that is said to be removed, and that the base never had, is said like an approval', async () => {
    const { folder, edit } = bookshop()
    edit('supergraph.yaml', (text) => text.replace('check:', 'check:\n  removed_subgraphs: [gone]'))
    const { code, output } = await run(folder, ['check', '--base', 'before'])
    expect(code).toBe(0)
    expect(output).toContain('pass WARNING REMOVED_SUBGRAPH_UNUSED')
    expect(output).toMatch(/at: supergraph\.yaml:\d+:23\n/)
    expect((await run(folder, ['check', '--no-base'])).output).not.toContain('REMOVED_SUBGRAPH_UNUSED')
  })

  test('neither the folder that is checked nor an alias of nothing in the approvals is taken', async () => {
    const { folder, edit } = bookshop()
    const own = await run(folder, ['check', '--config', 'before/supergraph.yaml', '--base', 'before'])
    expect(own).toMatchObject({ code: 2, output: expect.stringContaining('is the folder that is checked') })
    writeFileSync(join(folder, 'approvals.yaml'), 'approvals: *nothing\n')
    edit('supergraph.yaml', (text) => text.replace('check:', 'check:\n  approvals: approvals.yaml'))
    const alias = await run(folder, ['check', '--no-base', '--format', 'json'])
    expect(alias).toMatchObject({ code: 2, errors: '', output: expect.stringContaining('approvals.yaml') })
  })

  test('a repository that CI names but cannot be read is no reason to compare with nothing', async () => {
    const { folder } = bookshop()
    writeFileSync(join(folder, 'event.json'), JSON.stringify({ before: 'a'.repeat(40) }))
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_PATH: 'event.json' }
    expect(await run(folder, ['check'], { environment })).toMatchObject({
      code: 2,
      output: expect.stringContaining('there is no git repository'),
    })
  })

  test('an operation that came with the change, or of a kind that the graph has no root for, is no old friend', async () => {
    const { folder } = bookshop()
    writeFileSync(join(folder, 'operations/new.graphql'), 'query New { books { nope } }')
    expect(await run(folder, ['check', '--base', 'before'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('FAIL ERROR OPERATION_INVALID'),
    })
    writeFileSync(join(folder, 'operations/new.graphql'), 'subscription New { books { id } }')
    const { code, output } = await run(folder, ['check', '--base', 'before'])
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('no subscription type'),
    })
  })

  test('watching, it checks again whenever an input changes, also after an input that was half written', async () => {
    const { folder, edit } = bookshop()
    let stopped = false
    const { terminal, output } = createTestTerminal(folder, { isStopped: () => stopped })
    const watching = runCommand(['check', '--base', 'before', '--watch'], terminal)
    await vi.waitFor(() => expect(output()).toContain('Clean'), 20_000)
    edit(REVIEWS, (sdl) => `${sdl}\ntype Half {`)
    await vi.waitFor(() => expect(output()).toContain('reviews.graphql:'), 20_000)
    edit(REVIEWS, (sdl) => withoutNickname(sdl.replace('\ntype Half {', '')))
    await vi.waitFor(() => expect(output()).toContain('FAIL BREAKING Reader.nickname'), 20_000)
    stopped = true
    expect(await watching).toBe(1)
  })
})

describe('compose', () => {
  test('gives the supergraph, and says at which places it cannot', async () => {
    const { folder, edit, read } = bookshop()
    const composed = await run(folder, ['compose'])
    expect(composed).toMatchObject({ code: 0, errors: '' })
    expect(composed.output).toContain('name: "reviews", url: "http://reviews.example/graphql"')
    await run(folder, ['compose', '--output', 'built/supergraph.graphql'])
    expect(read('built/supergraph.graphql')).toBe(composed.output)
    expect(await run(folder, ['check', '--base', 'built/supergraph.graphql'])).toMatchObject({ code: 0 })

    edit(REVIEWS, (sdl) => sdl.replace('stars: Float', 'title: Int'))
    const broken = await run(folder, ['compose', '--output', 'built/broken.graphql'])
    expect(broken.code).toBe(1)
    expect(broken.errors).toMatch(/^subgraphs\/\w+\.graphql:\d+:\d+: ERROR /)
    expect(existsSync(join(folder, 'built/broken.graphql'))).toBe(false)
  })

  test('strict, a hint is an error', async () => {
    const { folder, edit } = bookshop()
    edit('subgraphs/orders.graphql', (sdl) =>
      sdl.replace('type Reader @key', '"""A customer."""\ntype Reader @key'),
    )
    const hinted = await run(folder, ['compose'])
    expect(hinted.code).toBe(0)
    expect(hinted.errors).toContain('WARNING INCONSISTENT_DESCRIPTION')
    expect(await run(folder, ['compose', '--strict'])).toMatchObject({ code: 1, output: '' })
  })
})
