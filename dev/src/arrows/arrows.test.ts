import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkArrows } from './check.ts'
import { isCode } from './imports.ts'
import { readRepository } from './repository.ts'
import { rowsOf, type Table, wordsOf } from './rooms.ts'
import { RESERVED, TABLE } from './table.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

const P = 'subgraphs/personalization/src'
const X = 'subgraphs/experimentation/src'

const PACKAGES = [
  'packages/contracts',
  'packages/statistics',
  'packages/service',
  'packages/datastore',
  'packages/threads',
  'subgraphs/personalization',
  'subgraphs/experimentation',
  'gateway',
  'schema',
  'dev',
]

function packageFile(folder: string): [path: string, text: string] {
  const exports = folder === 'packages/contracts' ? { '.': './src/index.ts' } : { './*': './src/*.ts' }
  return [`${folder}/package.json`, JSON.stringify({ name: `@bulkhead/${posix.basename(folder)}`, exports })]
}

/** Every room of the table with one file in it; the rooms of `*` once for each subgraph. */
const ROOMS = rowsOf(TABLE).flatMap((row) =>
  (row.group.includes('*') ? ['personalization', 'experimentation'] : ['']).map((subgraph) => {
    const folder = row.group.replace('*', subgraph)
    const file = {
      '.': folder === 'packages/contracts/src' ? 'index.ts' : 'planted.ts',
      tests: 'testing/planted.ts',
      vectors: 'vectors/planted.json',
    }[row.name]
    const fallback = isCode(row.name) ? row.name : `${row.name}/planted.ts`
    return { folder, name: row.name, words: row.words, path: posix.join(folder, file ?? fallback) }
  }),
)
type PlantedRoom = (typeof ROOMS)[number]

const TREE: ReadonlyMap<string, string> = new Map([
  ...PACKAGES.map(packageFile),
  ...ROOMS.map(({ path }): [string, string] => [path, '']),
])

/** What the check says of files that are added to one empty file in each room. */
function check(files: Readonly<Record<string, string>>) {
  return checkArrows(TABLE, wordsOf(RESERVED), new Map([...TREE, ...Object.entries(files)])).filter(
    (problem) => Object.keys(files).some((path) => problem.startsWith(`${path}:`)),
  )
}

/** How a file in one room imports a file in another: by the package's name where it has one, else by path. */
function specifierFor(from: string, to: string): string {
  const packageOf = (path: string) => PACKAGES.find((folder) => path.startsWith(`${folder}/`))
  const target = packageOf(to)
  if (target !== undefined && target !== packageOf(from) && to.startsWith(`${target}/src/`)) {
    if (to === 'packages/contracts/src/index.ts') return '@bulkhead/contracts'
    return `@bulkhead/${posix.basename(target)}/${to.slice(`${target}/src/`.length).replace(/\.ts$/, '')}`
  }
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

test.skipIf(!existsSync(join(ROOT, '.git')))('this repository has no import that the table refuses', () => {
  expect(checkArrows(TABLE, wordsOf(RESERVED), readRepository(ROOT))).toEqual([])
})

test('between any two rooms exactly the imports that the table names pass', () => {
  const isAllowed = (from: PlantedRoom, to: PlantedRoom) =>
    from.words.some((word) => {
      if (word === '*' || word === to.name) return from.folder === to.folder
      if (word.startsWith('/')) return posix.join(to.folder, to.name) === word.slice(1)
      const folder = PACKAGES.find((each) => word.split('/')[0] === `@${posix.basename(each)}`)
      const name = word.split('/').slice(1).join('/') || '.'
      return to.folder === `${folder}/src` && to.name === name
    })
  const importing = ROOMS.filter(({ path }) => isCode(path))
  const pairs = importing.flatMap((from) =>
    ROOMS.filter((to) => to !== from).map((to) => [from, to] as const),
  )
  const planted = Object.fromEntries(
    importing.map((from) => [
      from.path,
      ROOMS.map((to) => (to === from ? '' : `import '${specifierFor(from.path, to.path)}'`)).join('\n'),
    ]),
  )

  const refused = new Set(check(planted).map((problem) => problem.split(': ')[0]))
  const wrong = pairs.filter(
    ([from, to]) => refused.has(`${from.path}:${ROOMS.indexOf(to) + 1}`) === isAllowed(from, to),
  )

  expect(pairs.length).toBeGreaterThan(2000)
  expect(wrong.map(([from, to]) => `${from.path} -> ${to.path}`)).toEqual([])
})

/** Arrows that stay forbidden whatever becomes of the table: from a file, by a specifier, to what the message names. */
const NEVER: readonly (readonly [from: string, specifier: string, refused: string])[] = [
  ['packages/contracts/src/a.ts', 'node:fs', 'node:fs'],
  ['packages/contracts/src/deep/a.ts', 'node:http', 'node:http'],
  ['packages/contracts/src/a.ts', 'undici', 'npm:undici'],
  ['packages/contracts/src/a.ts', '@bulkhead/service/planted', 'packages/service/src'],
  ['packages/contracts/src/a.ts', './testing/planted.ts', 'the tests of packages/contracts/src'],
  ['packages/contracts/src/signatures/signing-keys.ts', 'node:fs', 'node:fs'],
  ['packages/service/src/a.ts', '@bulkhead/contracts', 'packages/contracts/src'],
  ['packages/statistics/src/a.ts', '@bulkhead/contracts', 'packages/contracts/src'],
  ['packages/contracts/src/a.ts', '@bulkhead/statistics/planted', 'packages/statistics/src'],
  ['packages/service/src/a.ts', '@bulkhead/datastore/planted', 'packages/datastore/src'],
  ['packages/datastore/src/a.ts', '@bulkhead/service/planted', 'packages/service/src'],
  ['packages/datastore/src/a.ts', '@bulkhead/personalization/errors', `${P}/errors.ts`],

  [`${P}/domain/a.ts`, '../services/planted.ts', `${P}/services`],
  [`${X}/domain/stats/a.ts`, '../../services/planted.ts', `${X}/services`],
  [`${P}/domain/a.ts`, '../datastore/port.ts', `${P}/datastore/port.ts`],
  [`${P}/domain/a.ts`, '../config.ts', `${P}/config.ts`],
  [`${X}/domain/a.ts`, '@bulkhead/service/planted', 'packages/service/src'],
  [`${X}/domain/a.ts`, 'node:fs', 'node:fs'],
  [`${X}/domain/stats/a.ts`, 'node:timers', 'node:timers'],

  [`${X}/services/a.ts`, '../graphql/planted.ts', `${X}/graphql`],
  [`${X}/services/a.ts`, '../http/planted.ts', `${X}/http`],
  [`${X}/services/deep/a.ts`, '../../workers/planted.ts', `${X}/workers`],
  [`${X}/services/a.ts`, '../main.ts', `${X}/main.ts`],
  [`${X}/services/a.ts`, 'graphql', 'npm:graphql'],
  [`${P}/services/a.ts`, '../demo/planted.ts', `${P}/demo`],
  [`${P}/services/a.ts`, '../datastore/sqlite/planted.ts', `${P}/datastore/sqlite`],
  [`${P}/services/a.ts`, '../testing/planted.ts', `the tests of ${P}`],
  [`${P}/services/a.ts`, 'vitest', 'npm:vitest'],
  [`${P}/services/a.ts`, '@bulkhead/datastore/planted', 'packages/datastore/src'],
  [`${P}/services/a.ts`, '@bulkhead/service/testing/planted', 'the tests of packages/service/src'],
  [`${P}/services/a.ts`, 'mongodb', 'npm:mongodb'],
  [`${P}/services/a.ts`, 'mongodb/lib/bson', 'npm:mongodb'],
  [`${P}/services/a.ts`, 'node:sqlite', 'node:sqlite'],
  [`${P}/graphql/a.ts`, '../workers/planted.ts', `${P}/workers`],
  [`${P}/graphql/a.ts`, '../datastore/sqlite/planted.ts', `${P}/datastore/sqlite`],
  [`${X}/http/a.ts`, '../graphql/planted.ts', `${X}/graphql`],
  [`${P}/workers/a.ts`, '../http/planted.ts', `${P}/http`],
  [`${P}/import/a.ts`, '../graphql/planted.ts', `${P}/graphql`],
  [`${P}/demo/a.ts`, '../datastore/mongodb/planted.ts', `${P}/datastore/mongodb`],
  [`${P}/terminal/a.ts`, '../datastore/sqlite/planted.ts', `${P}/datastore/sqlite`],
  [`${P}/config.ts`, './datastore/sqlite/planted.ts', `${P}/datastore/sqlite`],
  [`${X}/errors.ts`, 'mongodb', 'npm:mongodb'],
  [`${X}/cli.ts`, './testing/planted.ts', `the tests of ${X}`],

  [`${P}/datastore/port.ts`, './sqlite/planted.ts', `${P}/datastore/sqlite`],
  [`${P}/datastore/sqlite/a.ts`, '../mongodb/planted.ts', `${P}/datastore/mongodb`],
  [`${P}/datastore/sqlite/a.ts`, 'mongodb', 'npm:mongodb'],
  [`${P}/datastore/sqlite/a.ts`, '../../services/planted.ts', `${P}/services`],
  [`${X}/datastore/mongodb/a.ts`, '../../config.ts', `${X}/config.ts`],
  [`${X}/datastore/mongodb/a.ts`, '@bulkhead/service/planted', 'packages/service/src'],

  [`${P}/main.ts`, '@bulkhead/experimentation/errors', `${X}/errors.ts`],
  [`${P}/graphql/a.ts`, '@bulkhead/experimentation/services/planted', `${X}/services`],
  [`${X}/processes.test.ts`, '@bulkhead/personalization/main', `${P}/main.ts`],
  ['gateway/src/a.ts', '@bulkhead/personalization/errors', `${P}/errors.ts`],
  ['gateway/src/a.ts', '@bulkhead/datastore/planted', 'packages/datastore/src'],
  ['gateway/src/a.ts', 'mongodb', 'npm:mongodb'],
  ['gateway/src/a.ts', 'node:sqlite', 'node:sqlite'],
  ['schema/src/a.ts', '@bulkhead/experimentation/errors', `${X}/errors.ts`],
  ['e2e/a.e2e.ts', '@bulkhead/personalization/main', `${P}/main.ts`],
  ['dev/src/a.ts', '@bulkhead/personalization/services/planted', `${P}/services`],
]

test.each(NEVER)('%s never imports %s', (from, specifier, refused) => {
  expect(check({ [from]: `import { a } from '${specifier}'\n` })).toEqual([
    expect.stringMatching(new RegExp(`^${from}:1: .* may not import ${refused} \\(.*; it may import: `)),
  ])
})

test.each([
  [`${P}/main.ts`, '../../experimentation/src/errors.ts'],
  [`${X}/cli.test.ts`, '../../personalization/src/cli.ts'],
  ['packages/datastore/src/a.ts', '../../service/src/planted.ts'],
  ['gateway/src/a.ts', '../../subgraphs/experimentation/src/errors.ts'],
  ['dev/src/a.ts', '../../subgraphs/personalization/src/errors.ts'],
])('%s never imports another package by path, such as %s', (from, specifier) => {
  expect(check({ [from]: `import '${specifier}'\n` })).toEqual([
    `${from}:1: ${specifier}: import another package by its name, not by a path`,
  ])
})

describe('every way to write an import is read:', () => {
  const port = '../datastore/port.ts'
  test.each([
    ['names', `import { a } from '${port}'`],
    ['the default', `import a from '${port}'`],
    ['the whole module', `import * as a from '${port}'`],
    ['a side effect', `import '${port}'`],
    ['a type', `import type { A } from '${port}'`],
    ['a type among values', `import { type A } from '${port}'`],
    ['exported names', `export { a } from '${port}'`],
    ['exported types', `export type { A } from '${port}'`],
    ['everything exported', `export * from '${port}'`],
    ['a namespace exported', `export * as a from '${port}'`],
    ['a dynamic import', `export const a = await import('${port}')`],
    ['a dynamic import, deep in a function', `export const a = () => [1].map(async () => import('${port}'))`],
    ['a dynamic import of a template', `export const a = await import(\`${port}\`)`],
    ['an import in a type', `export type A = import('${port}').A`],
    ['an import in a typeof', `export type A = typeof import('${port}')`],
    ['a resolved path', `export const a = import.meta.resolve('${port}')`],
    ['a worker', `new Worker(new URL('${port}', import.meta.url))`],
    ['a script', `export const a = new URL('${port}', import.meta.url)`],
    ['a script with a query', `export const a = new URL('${port}?a=1', import.meta.url)`],
    ['a path in disguise', "import './../datastore/port.ts'"],
    ['a path of this package by its name', "import '@bulkhead/personalization/datastore/port'"],
  ])('%s', (_name, source) => {
    const path = `${P}/domain/a.ts`
    expect(check({ [path]: `\n${source}\n` })).toEqual([
      expect.stringContaining(`${path}:2: ${P}/domain may not import ${P}/datastore/port.ts (`),
    ])
  })

  test('a script beside the file, written without ./', () => {
    const source = "export const a = new URL('cli.ts', import.meta.url)\n"
    expect(check({ [`${P}/main.ts`]: source })).toEqual([expect.stringContaining(`${P}/cli.ts (./cli.ts)`)])
  })

  test('but no data file that is read by its URL', () => {
    expect(
      check({ [`${P}/app.ts`]: "export const a = new URL('./schema.graphql', import.meta.url)\n" }),
    ).toEqual([])
  })

  test.each([
    'export const a = (b: string) => import(b)\n',
    `export const a = new URL(\`./\${name}.ts\`, import.meta.url)\n`,
  ])('and a computed one is refused, for it cannot be: %s', (source) => {
    expect(check({ [`${P}/main.ts`]: source })).toEqual([
      `${P}/main.ts:1: this import is computed, so it cannot be checked; write the path as one string`,
    ])
  })
})

describe('a word with names allows those alone:', () => {
  const refused = (source: string) =>
    check({ [`${P}/domain/a.ts`]: source, 'packages/contracts/src/a.ts': source })

  test.each([
    "import { createHash } from 'node:crypto'",
    "import { createHash as hash } from 'node:crypto'",
    "export { createHash } from 'node:crypto'",
    "export type A = import('node:crypto').createHash",
  ])('%s', (source) => expect(refused(source)).toEqual([]))

  test.each([
    "import { randomUUID } from 'node:crypto'",
    "import { createHash, randomInt } from 'node:crypto'",
    "import { randomInt as createHash } from 'crypto'",
    "import crypto from 'node:crypto'",
    "import * as crypto from 'node:crypto'",
    "import type { KeyObject } from 'node:crypto'",
    "export { randomInt as createHash } from 'node:crypto'",
    "export * from 'node:crypto'",
    "export type A = import('node:crypto').KeyObject",
    "export const a = await import('node:crypto')",
  ])('not %s', (source) => {
    expect(refused(source)).toEqual([
      expect.stringContaining(`${P}/domain may not import node:crypto`),
      expect.stringContaining('packages/contracts/src may not import node:crypto'),
    ])
  })
})

describe('the table cannot rot:', () => {
  const report = (table: Table, files: Readonly<Record<string, string>>) =>
    checkArrows(table, [], new Map(Object.entries(files)))
  const at = 'dev/src/arrows/table.ts: src:'

  test('a file without a room is reported, and says what to do', () => {
    expect(report({ src: { a: '' } }, { 'src/a/x.ts': '', 'src/state/y.ts': '' })).toEqual([
      'src/state/y.ts: no room covers this file; add a row for its folder to dev/src/arrows/table.ts, and a word to the rows of those who import it',
    ])
  })

  test('a folder is no part of a room whose name it begins with', () => {
    expect(report({ src: { a: '' } }, { 'src/a/x.ts': '', 'src/ab/y.ts': '' })).toEqual([
      expect.stringContaining('src/ab/y.ts: no room covers this file'),
    ])
  })

  test('a room without a file is reported', () => {
    expect(report({ src: { a: '', memory: '' } }, { 'src/a/x.ts': '' })).toEqual([
      `${at} the room 'memory' holds no file; delete its row`,
    ])
  })

  test('a word that names no room is reported', () => {
    expect(report({ src: { a: 'memory @gone' } }, { 'src/a/x.ts': '' })).toEqual([
      `${at} 'a' allows 'memory', which is no room; delete the word`,
      `${at} 'a' allows '@gone', which is no room; delete the word`,
    ])
  })

  test('a word that no import needs is reported', () => {
    expect(
      report({ src: { a: 'b npm:zod outside', b: '' } }, { 'src/a/x.ts': '', 'src/b/x.ts': '' }),
    ).toEqual([
      `${at} 'a' allows 'b', which it never imports; delete the word`,
      `${at} 'a' allows 'npm:zod', which it never imports; delete the word`,
      `${at} 'a' allows 'outside', which it never imports; delete the word`,
    ])
  })

  test('a word is needed if one of the folders that share the row needs it', () => {
    const files = { 'one/src/a/x.ts': "import '../b/x.ts'", 'one/src/b/x.ts': '', 'two/src/a/x.ts': '' }
    expect(report({ '*/src': { a: 'b', b: '' } }, files)).toEqual([])
  })
})

test('an import of a file that is not there, or that no room covers, is refused', () => {
  const source = [
    "import './gone.ts'",
    "import '@bulkhead/service/gone'",
    "import '#alias'",
    "import 'data:text/javascript,'",
    "import '../package.json' with { type: 'json' }",
  ]
  expect(check({ 'gateway/src/a.ts': source.join('\n') })).toEqual([
    'gateway/src/a.ts:1: ./gone.ts: no file of the repository has this name',
    'gateway/src/a.ts:2: @bulkhead/service/gone: no file of the repository has this name',
    'gateway/src/a.ts:3: #alias: write a relative path or the name of a package',
    'gateway/src/a.ts:4: data:text/javascript,: write a relative path or the name of a package',
    expect.stringContaining('gateway/src/a.ts:5: gateway/src may not import a file without a room'),
  ])
})

test('a file that does not parse is reported', () => {
  expect(check({ 'gateway/src/a.ts': 'export const = 1\n' })).toEqual([
    expect.stringContaining('gateway/src/a.ts: cannot be parsed: Unexpected token'),
  ])
})

test.skipIf(!existsSync(join(ROOT, '.git')))('the command fails for what git would take in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arrows-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  function write(path: string, text: string) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  // Run from a git hook, the variables of git would name the repository that the hook is of.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env })
  write('.gitignore', 'ignored/\n')
  for (const name of ['ignored/a', 'gateway/src/deleted', 'gateway/src/tracked', 'gateway/src/new'])
    write(`${name}.ts`, "import 'mongodb'\n")
  git('init', '--quiet')
  git('add', 'gateway/src/deleted.ts', 'gateway/src/tracked.ts')
  rmSync(join(folder, 'gateway/src/deleted.ts'))

  const { status, stderr } = spawnSync(process.execPath, [CLI, folder], { encoding: 'utf8', env })

  expect(status).toBe(1)
  expect(stderr).toContain('gateway/src/tracked.ts:1: gateway/src may not import npm:mongodb ')
  expect(stderr).toContain('gateway/src/new.ts:1: gateway/src may not import npm:mongodb ')
  expect(stderr).not.toMatch(/^(ignored\/|gateway\/src\/deleted)/m)
})
