import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIOME = join(ROOT, 'node_modules/.bin/biome')

const P = 'subgraphs/personalization/src'
const X = 'subgraphs/experimentation/src'

const PLUGIN = 'plugin'
const GLOBAL = 'lint/style/noRestrictedGlobals'
const PROPERTY = 'lint/nursery/noJsRestrictedProperties'
const ENVIRONMENT = 'lint/style/noProcessEnv'

const GLOBALS = [
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
]

const CLOCKS = 'export const a = new Date()\nexport const b = new Date\nexport const c = Date()\n'
const IMPURE = `export const a = Date.now\nexport const { random } = Math\nexport const b = [${GLOBALS.join(', ')}]\n`
const IMPURITIES = [PROPERTY, PROPERTY, ...GLOBALS.map(() => GLOBAL)]
const CONVERSION = 'export function at(ms: number) {\n  return new Date(ms)\n}\n'

const JSON_CAST = 'export function read(text: string) {\n  return JSON.parse(text) as { id: string }\n}\n'
const BODY_CAST =
  'export async function read(response: Response) {\n  return (await response.json()) as { id: string }\n}\n'
const NO_CAST = 'export function read(text: string) {\n  return JSON.parse(text) as unknown\n}\n'

const ENV = 'export const port = process.env.PORT\n'

/**
 * The parts of biome.json and lint/ that are ours and could stop working unnoticed: the plugins, and which files each
 * rule is for. Each case is a file and the categories of the problems that Biome must report in it.
 */
const PLANTED: readonly (readonly [path: string, source: string, expected: readonly string[]])[] = [
  [`${P}/domain/clock.ts`, CLOCKS, [PLUGIN, PLUGIN, PLUGIN]],
  [`${X}/domain/stats/clock.ts`, CLOCKS, [PLUGIN, PLUGIN, PLUGIN]],
  ['packages/contracts/src/clock.ts', CLOCKS, [PLUGIN, PLUGIN, PLUGIN]],
  ['packages/statistics/src/clock.ts', CLOCKS, [PLUGIN, PLUGIN, PLUGIN]],
  [`${P}/domain/instant.ts`, CONVERSION, []],
  [`${P}/domain/clock.test.ts`, CLOCKS, []],
  [`${P}/services/clock.ts`, CLOCKS, []],

  [`${P}/domain/impure.ts`, IMPURE, IMPURITIES],
  [`${X}/domain/stats/impure.ts`, IMPURE, IMPURITIES],
  ['packages/contracts/src/impure.ts', IMPURE, IMPURITIES],
  ['packages/statistics/src/impure.ts', IMPURE, IMPURITIES],
  [`${X}/domain/impure.test.ts`, IMPURE, []],
  [`${X}/services/impure.ts`, IMPURE, []],

  [`${P}/services/json.ts`, JSON_CAST, [PLUGIN]],
  ['gateway/src/body.ts', BODY_CAST, [PLUGIN]],
  [`${P}/services/unknown.ts`, NO_CAST, []],
  [`${P}/services/json.test.ts`, JSON_CAST, []],

  [`${P}/services/env.ts`, ENV, [ENVIRONMENT]],
  ['gateway/src/env.ts', ENV, [ENVIRONMENT]],
  [`${X}/config.ts`, ENV, []],
  ['dev/src/env.ts', ENV, []],
  ['e2e/env.ts', ENV, []],
  ['packages/datastore/src/testing/env.ts', ENV, []],
]

const reportSchema = z.object({
  summary: z.object({ diagnosticsNotPrinted: z.literal(0) }),
  diagnostics: z.array(
    z.object({ severity: z.string(), category: z.string(), location: z.object({ path: z.string() }) }),
  ),
})
let diagnostics: z.infer<typeof reportSchema>['diagnostics']

const folder = mkdtempSync(join(tmpdir(), 'lint-configuration-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(() => {
  const config = z.looseObject({}).parse(JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')))
  function plant(path: string, text: string) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  cpSync(join(ROOT, 'lint'), join(folder, 'lint'), { recursive: true })
  // The folder is no git checkout; everything else of the configuration is the real one.
  plant('biome.json', JSON.stringify({ ...config, vcs: { enabled: false } }))
  for (const [path, source] of PLANTED) plant(path, source)

  const run = spawnSync(BIOME, ['lint', '--reporter=json', '--max-diagnostics=none', '--colors=off', '.'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  expect(run.error).toBeUndefined()
  expect(run.stdout, run.stderr).toMatch(/^\{/)
  diagnostics = reportSchema.parse(JSON.parse(run.stdout)).diagnostics
})

test.each(PLANTED)('%s', (path, _source, expected) => {
  const reported = diagnostics.filter(({ location }) => location.path === path)
  expect(reported.map(({ category }) => category).toSorted()).toEqual([...expected].toSorted())
  expect(reported.filter(({ severity }) => severity !== 'error')).toEqual([])
})

test('nothing else is reported', () => {
  const planted = new Set<string>(PLANTED.map(([path]) => path))
  expect(diagnostics.filter(({ location }) => !planted.has(location.path))).toEqual([])
})
