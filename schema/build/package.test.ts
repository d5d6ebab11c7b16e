import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const PACKAGE = join(import.meta.dirname, '..')
const BOOKSHOP = join(PACKAGE, 'fixtures/bookshop')
const INSTALL_TIMEOUT_MS = 300_000
const CHECK_TIMEOUT_MS = 60_000

/** Every Node on the PATH by its major version: npm's own, and the machine's where there is one. */
const NODES = new Map(
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .toReversed()
    .map((path) => [execFileSync(path, ['--version'], { encoding: 'utf8' }).split('.')[0] ?? '', path]),
)

/** What npm's scripts hand to the processes that they start, without what names this workspace. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_(workspace|prefix|local_prefix))/i.test(name),
  ),
)

describe('the packed tarball in an empty project', () => {
  const project = mkdtempSync(join(tmpdir(), 'bulkhead-schema-package-'))
  afterAll(() => rmSync(project, { recursive: true }))

  beforeAll(() => {
    const npm = (folder: string, ...args: readonly string[]) =>
      execFileSync('npm', args, {
        cwd: folder,
        env: ENVIRONMENT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    npm(PACKAGE, 'pack', '--pack-destination', project)
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? expect.unreachable()
    writeFileSync(join(project, 'package.json'), '{ "name": "shop", "private": true }\n')
    npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`)
    cpSync(BOOKSHOP, project, { recursive: true })
  }, INSTALL_TIMEOUT_MS)

  /** As `npx bulkhead-schema` does it, on a Node of one's choice. */
  function run(node: string, ...args: readonly string[]) {
    const bin = join(project, 'node_modules/.bin/bulkhead-schema')
    const { status, stdout, stderr } = spawnSync(node, [bin, ...args], {
      cwd: project,
      env: ENVIRONMENT,
      encoding: 'utf8',
      timeout: CHECK_TIMEOUT_MS,
    })
    return { status, stdout, stderr }
  }

  test('has plain JavaScript, the documentation, the licences of what is inside, and few dependencies', () => {
    const installed = join(project, 'node_modules/@bulkhead/schema')
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(manifest.dependencies)).toEqual([
      '@apollo/composition',
      '@apollo/federation-internals',
      '@apollo/query-planner',
      'graphql',
    ])
    expect(
      readdirSync(installed, { recursive: true }).filter((file) => String(file).endsWith('.ts')),
    ).toEqual([])
    expect(readFileSync(join(installed, 'README.md'), 'utf8')).toContain('npx bulkhead-schema check')
    const licences = readFileSync(join(installed, 'dist/THIRD-PARTY-LICENCES.txt'), 'utf8')
    for (const name of ['commander', 'yaml', 'zod']) expect(licences).toContain(`\n${name} `)
  })

  test.each([...NODES])(
    "checks that project's graph on Node %s",
    { timeout: 3 * CHECK_TIMEOUT_MS },
    (_, node) => {
      cpSync(join(project, 'subgraphs'), join(project, 'before/subgraphs'), { recursive: true })
      cpSync(join(project, 'supergraph.yaml'), join(project, 'before/supergraph.yaml'))
      const reviews = join(project, 'subgraphs/reviews.graphql')
      const sdl = readFileSync(reviews, 'utf8')
      try {
        expect(run(node, 'check', '--base', 'before')).toMatchObject({ status: 0, stderr: '' })

        writeFileSync(reviews, sdl.replace(/ {2}nickname: String\n/, '  shownAs: String\n'))
        const broken = run(
          node,
          'check',
          '--base',
          'before',
          '--format',
          'text',
          '--format',
          'sarif=report.sarif',
        )
        expect(broken.status).toBe(1)
        expect(broken.stdout).toContain('Reader.nickname')
        expect(broken.stdout).toContain('BookPage')
        expect(JSON.parse(readFileSync(join(project, 'report.sarif'), 'utf8')).version).toBe('2.1.0')

        writeFileSync(reviews, sdl.slice(0, -10))
        const unreadable = run(node, 'check', '--base', 'before')
        expect(unreadable.status).toBe(2)
        expect(unreadable.stdout + unreadable.stderr).toContain('subgraphs/reviews.graphql:')
      } finally {
        writeFileSync(reviews, sdl)
      }
    },
  )

  test('composes a large base on the thread that is packed too', { timeout: CHECK_TIMEOUT_MS }, () => {
    const types = Array.from(
      { length: 3_000 },
      (_, index) => `type T${index} {\n  "${'x'.repeat(100)}"\n  size: Int\n}`,
    )
    for (const folder of ['large', 'large-before']) {
      mkdirSync(join(project, folder))
      writeFileSync(
        join(project, folder, 'one.graphql'),
        `type Query {\n  one: Int\n}\n${types.join('\n')}\n`,
      )
      writeFileSync(
        join(project, folder, 'supergraph.yaml'),
        'subgraphs: { one: { schema: { file: one.graphql } } }\n',
      )
    }
    const { status, stdout } = run(
      process.execPath,
      'check',
      '--config',
      'large/supergraph.yaml',
      '--base',
      'large-before',
    )
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Compared with large-before'),
    })
  })

  test.skipIf(!NODES.has('v20'))('was run on Node 20 too, which the PATH has to have', () => {
    expect([...NODES.keys()]).toEqual(expect.arrayContaining(['v20', 'v24']))
  })
})
