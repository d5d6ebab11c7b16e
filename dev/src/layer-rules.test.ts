import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIOME = join(ROOT, 'node_modules/.bin/biome')

const RESTRICTED_IMPORT = 'lint/style/noRestrictedImports'
const RESTRICTED_GLOBAL = 'lint/style/noRestrictedGlobals'
const RESTRICTED_PROPERTY = 'lint/nursery/noJsRestrictedProperties'

/** A file with one violation, and what must be said of it: the rule's category and words of its message. */
type Violation = readonly [name: string, path: string, source: string, category: string, message?: string]

const P = 'subgraphs/personalization/src'
const X = 'subgraphs/experimentation/src'

/** A module that imports one name from the specifier and uses it, so that no other rule has a say. */
const importing = (specifier: string, name = 'thing') =>
  `import { ${name} } from '${specifier}'\n\nexport const used = ${name}\n`

const forbidden = (
  name: string,
  path: string,
  specifier: string,
  message: string,
  imported?: string,
): Violation => [name, path, importing(specifier, imported), RESTRICTED_IMPORT, message]

const PURE_CONTRACTS = 'Contracts are pure'
const PURE_DOMAIN = 'domain is pure'
const STANDS_ALONE = 'service and datastore stand alone'
const ADAPTER_CHOICE = 'Only main, cli and tests choose an adapter'
const NO_DATASTORE_PACKAGE = 'Only main, cli and the adapters import @bulkhead/datastore'
const LAYER_ORDER = 'graphql, http and workers import services and domain'
const PORT_ONLY = 'The port and its conformance suite'
const ADAPTER = 'An adapter imports the port'
const GATEWAY = 'The gateway depends on no subgraph'
const PURE_CLOCK = 'Pure code reads no clock'
const WIRE_CAST = 'Wire data is parsed with a schema'

const ARROWS: readonly Violation[] = [
  forbidden('contracts -> test helpers', 'packages/contracts/src/a.ts', './testing/ok.ts', PURE_CONTRACTS),
  forbidden('contracts -> I/O', 'packages/contracts/src/io.ts', 'node:fs', PURE_CONTRACTS),
  forbidden('contracts -> network', 'packages/contracts/src/net.ts', 'node:http', PURE_CONTRACTS),
  forbidden('contracts -> service', 'packages/contracts/src/log.ts', '@bulkhead/service/log', PURE_CONTRACTS),
  forbidden(
    'contracts -> keys, outside the signing files',
    'packages/contracts/src/key.ts',
    'node:crypto',
    'keys in the signing files',
    'sign',
  ),
  forbidden(
    'contracts -> keys, in a folder',
    'packages/contracts/src/deep/key.ts',
    'node:crypto',
    'keys in the signing files',
    'sign',
  ),
  forbidden('contracts -> I/O, in a folder', 'packages/contracts/src/deep/io.ts', 'node:fs', PURE_CONTRACTS),
  forbidden(
    'contracts -> out of its folder',
    'packages/contracts/src/deep/out.ts',
    '../../x.ts',
    PURE_CONTRACTS,
  ),
  forbidden(
    'a signing file -> I/O',
    'packages/contracts/src/signing-io.ts',
    'node:fs',
    'signing files node:crypto',
  ),

  forbidden('service -> contracts', 'packages/service/src/a.ts', '@bulkhead/contracts', STANDS_ALONE),
  forbidden('service -> datastore', 'packages/service/src/b.ts', '@bulkhead/datastore/url', STANDS_ALONE),
  forbidden('datastore -> service', 'packages/datastore/src/a.ts', '@bulkhead/service/log', STANDS_ALONE),
  forbidden('datastore -> a subgraph', 'packages/datastore/src/b.ts', `../../../${P}/a.ts`, STANDS_ALONE),

  forbidden('graphql -> an adapter', `${P}/graphql/a.ts`, '../datastore/sqlite/open.ts', ADAPTER_CHOICE),
  forbidden('http -> an adapter', `${X}/http/a.ts`, '../datastore/mongodb/open.ts', ADAPTER_CHOICE),
  forbidden('workers -> an adapter', `${X}/workers/a.ts`, '../datastore/memory/open.ts', ADAPTER_CHOICE),
  forbidden('services -> an adapter', `${P}/services/a.ts`, '../datastore/sqlite/open.ts', ADAPTER_CHOICE),
  forbidden(
    'services -> the conformance suite',
    `${P}/services/b.ts`,
    '../datastore/conformance.ts',
    ADAPTER_CHOICE,
  ),
  forbidden('services -> a driver', `${P}/services/c.ts`, 'mongodb', ADAPTER_CHOICE),
  forbidden('services, in a folder -> a driver', `${P}/services/deep/a.ts`, 'node:sqlite', ADAPTER_CHOICE),
  forbidden(
    'services -> @bulkhead/datastore',
    `${P}/services/d.ts`,
    '@bulkhead/datastore/url',
    NO_DATASTORE_PACKAGE,
  ),
  forbidden('services -> graphql', `${X}/services/a.ts`, '../graphql/context.ts', LAYER_ORDER),
  forbidden('services -> http', `${X}/services/b.ts`, '../http/ingest.ts', LAYER_ORDER),
  forbidden(
    'services, in a folder -> workers',
    `${X}/services/deep/a.ts`,
    '../../workers/close.ts',
    LAYER_ORDER,
  ),
  forbidden('services -> main', `${X}/services/c.ts`, '../main.ts', LAYER_ORDER),
  forbidden('graphql -> workers', `${P}/graphql/b.ts`, '../workers/train.ts', LAYER_ORDER),
  forbidden('http -> graphql', `${P}/http/a.ts`, '../graphql/context.ts', LAYER_ORDER),
  forbidden('workers -> http', `${P}/workers/a.ts`, '../http/server.ts', LAYER_ORDER),
  forbidden('workers -> demo', `${P}/workers/b.ts`, '../demo/catalogue.ts', LAYER_ORDER),
  forbidden('services -> test helpers', `${P}/services/e.ts`, '../testing/fixtures.ts', LAYER_ORDER),
  forbidden('demo -> an adapter', `${P}/demo/a.ts`, '../datastore/sqlite/open.ts', ADAPTER_CHOICE),
  forbidden(
    'import -> graphql',
    `${P}/import/a.ts`,
    '../graphql/context.ts',
    'demo and import call services',
  ),
  forbidden('config -> an adapter', `${P}/config.ts`, './datastore/sqlite/open.ts', ADAPTER_CHOICE),
  forbidden('errors -> a driver', `${X}/errors.ts`, 'mongodb', ADAPTER_CHOICE),

  forbidden('domain -> services', `${P}/domain/a.ts`, '../services/serve.ts', PURE_DOMAIN),
  forbidden('domain -> the port', `${P}/domain/b.ts`, '../datastore/port.ts', PURE_DOMAIN),
  forbidden('domain -> config', `${P}/domain/c.ts`, '../config.ts', PURE_DOMAIN),
  forbidden('domain -> service', `${X}/domain/a.ts`, '@bulkhead/service/log', PURE_DOMAIN),
  forbidden('domain -> I/O', `${X}/domain/b.ts`, 'node:fs', PURE_DOMAIN),
  forbidden('domain -> randomness', `${X}/domain/c.ts`, 'node:crypto', PURE_DOMAIN, 'randomUUID'),
  forbidden('domain, in a folder -> services', `${X}/domain/stats/a.ts`, '../../services/a.ts', PURE_DOMAIN),
  forbidden('domain, in a folder -> I/O', `${X}/domain/stats/b.ts`, 'node:timers', PURE_DOMAIN),
  forbidden(
    'domain, in a folder -> randomness',
    `${X}/domain/stats/c.ts`,
    'node:crypto',
    PURE_DOMAIN,
    'randomInt',
  ),

  forbidden('the port -> an adapter', `${P}/datastore/port.ts`, './sqlite/open.ts', PORT_ONLY),
  forbidden(
    'the conformance suite -> services',
    `${P}/datastore/conformance.ts`,
    '../services/a.ts',
    PORT_ONLY,
  ),
  forbidden('sqlite -> services', `${P}/datastore/sqlite/a.ts`, '../../services/a.ts', ADAPTER),
  forbidden('sqlite -> mongodb', `${P}/datastore/sqlite/b.ts`, '../mongodb/open.ts', ADAPTER),
  forbidden('mongodb -> service', `${X}/datastore/mongodb/a.ts`, '@bulkhead/service/log', ADAPTER),
  forbidden('memory -> config', `${X}/datastore/memory/a.ts`, '../../config.ts', ADAPTER),

  forbidden(
    'main -> the other subgraph',
    `${P}/main.ts`,
    '@bulkhead/experimentation/errors',
    'no other workspace',
  ),
  forbidden('cli -> the other subgraph, by path', `${X}/cli.ts`, `../../../${P}/a.ts`, 'no other workspace'),
  forbidden(
    'a test -> the other subgraph',
    `${P}/a.test.ts`,
    '@bulkhead/experimentation/errors',
    'no other workspace',
  ),
  forbidden(
    'graphql -> the other subgraph',
    `${P}/graphql/c.ts`,
    '@bulkhead/experimentation/a',
    NO_DATASTORE_PACKAGE,
  ),
  forbidden('gateway -> a subgraph', 'gateway/src/a.ts', '@bulkhead/personalization/errors', GATEWAY),
  forbidden('gateway -> a subgraph, by path', 'gateway/src/b.ts', `../../${X}/errors.ts`, GATEWAY),
  forbidden('gateway -> @bulkhead/datastore', 'gateway/src/c.ts', '@bulkhead/datastore/url', GATEWAY),
  forbidden('gateway -> mongodb', 'gateway/src/d.ts', 'mongodb', GATEWAY),
  forbidden('gateway -> node:sqlite', 'gateway/src/e.ts', 'node:sqlite', GATEWAY),
  forbidden('schema -> a subgraph', 'schema/src/a.ts', `../../${P}/errors.ts`, 'schema reads'),
  forbidden('e2e -> a subgraph', 'e2e/a.e2e.ts', `../${P}/main.ts`, 'e2e starts the services as processes'),
  forbidden(
    'dev -> a subgraph, by path',
    'dev/src/a.ts',
    `../../${P}/errors.ts`,
    'by its package name, never by path',
  ),

  forbidden('a path in disguise', `${P}/graphql/d.ts`, './../domain/slate.ts', 'Write ../ alone'),
  [
    'a dynamic import',
    `${P}/graphql/e.ts`,
    "export const open = await import('../datastore/sqlite/open.ts')\n",
    RESTRICTED_IMPORT,
    ADAPTER_CHOICE,
  ],
  [
    'a type import',
    `${P}/domain/d.ts`,
    "import type { Store } from '../datastore/port.ts'\n\nexport type Used = Store\n",
    RESTRICTED_IMPORT,
    PURE_DOMAIN,
  ],
  [
    'an import inside a type',
    `${P}/domain/e.ts`,
    "export type Used = import('../datastore/port.ts').Store\n",
    'plugin',
    'Use an import type statement',
  ],
]

const PURITY: readonly Violation[] = [
  [
    'new Date() in domain',
    `${P}/domain/clock-a.ts`,
    'export const at = () => new Date()\n',
    'plugin',
    PURE_CLOCK,
  ],
  [
    'Date() in contracts',
    'packages/contracts/src/clock-b.ts',
    'export const at = Date()\n',
    'plugin',
    PURE_CLOCK,
  ],
  [
    'Date.now in domain',
    `${X}/domain/clock-c.ts`,
    'export const at = Date.now\n',
    RESTRICTED_PROPERTY,
    'Date.now',
  ],
  [
    'Math.random, destructured',
    `${X}/domain/stats/random.ts`,
    'export const { random } = Math\n',
    RESTRICTED_PROPERTY,
    'Math.random',
  ],
  ...[
    'console',
    'crypto',
    'fetch',
    'globalThis',
    'performance',
    'process',
    'setImmediate',
    'setInterval',
    'setTimeout',
  ].map(
    (name): Violation => [
      `the global ${name} in domain`,
      `${P}/domain/global-${name.toLowerCase()}.ts`,
      `export const used = ${name}\n`,
      RESTRICTED_GLOBAL,
      name,
    ],
  ),
]

const HOUSE_RULES: readonly Violation[] = [
  ['require', `${P}/services/common.ts`, "export const a = require('./a.ts')\n", 'lint/style/noCommonJs'],
  ['node without node:', `${P}/cli-io.ts`, importing('fs'), 'lint/style/useNodejsImportProtocol'],
  [
    'an import without .ts',
    `${P}/services/bare.ts`,
    importing('./a'),
    'lint/correctness/useImportExtensions',
  ],
  [
    'a focused test',
    `${P}/services/focused.test.ts`,
    "import { test } from 'vitest'\n\ntest.only('a sentence', () => {})\n",
    'lint/suspicious/noFocusedTests',
  ],
  [
    'process.env outside config.ts',
    `${P}/services/env.ts`,
    'export const port = process.env.PORT\n',
    'lint/style/noProcessEnv',
  ],
  [
    'a cast of JSON.parse',
    `${P}/services/cast.ts`,
    'export const read = (text: string) => JSON.parse(text) as { id: string }\n',
    'plugin',
    WIRE_CAST,
  ],
  [
    'a cast of a response body',
    'gateway/src/cast.ts',
    'export const read = async (response: Response) => (await response.json()) as { id: string }\n',
    'plugin',
    WIRE_CAST,
  ],
  ['a default export', `${P}/services/default.ts`, 'export default 1\n', 'lint/style/noDefaultExport'],
  ['an enum', `${P}/domain/enum.ts`, "export enum Stage {\n  ONE = 'ONE',\n}\n", 'lint/style/noEnum'],
  [
    'a parameter property',
    `${P}/services/property.ts`,
    'export class Box {\n  constructor(readonly size: number) {}\n}\n',
    'lint/style/noParameterProperties',
  ],
  ['a barrel', `${P}/services/barrel.ts`, "export * from './a.ts'\n", 'lint/performance/noBarrelFile'],
  [
    'a camel-case file',
    `${P}/services/camelCase.ts`,
    'export const a = 1\n',
    'lint/style/useFilenamingConvention',
  ],
  ['any', `${P}/services/any.ts`, 'export const a = (b: any) => b\n', 'lint/suspicious/noExplicitAny'],
  [
    'an unused import',
    `${P}/services/unused-import.ts`,
    "import { a } from './a.ts'\n\nexport const b = 1\n",
    'lint/correctness/noUnusedImports',
  ],
  [
    'an unused variable',
    `${P}/services/unused-variable.ts`,
    'export const a = () => {\n  const b = 1\n}\n',
    'lint/correctness/noUnusedVariables',
  ],
  [
    'a type imported as a value',
    `${P}/services/value-import.ts`,
    "import { A } from './a.ts'\n\nexport type B = A\n",
    'lint/style/useImportType',
  ],
  [
    'a promise that nobody awaits',
    `${P}/services/floating.ts`,
    'async function save(): Promise<void> {}\n\nexport function run() {\n  save()\n}\n',
    'lint/nursery/noFloatingPromises',
  ],
  [
    'a promise as a condition',
    `${P}/services/misused.ts`,
    'async function ready(): Promise<boolean> {\n  return true\n}\n\nexport const run = () => (ready() ? 1 : 2)\n',
    'lint/nursery/noMisusedPromises',
  ],
  [
    'a non-null assertion',
    `${P}/services/non-null.ts`,
    'export const a = (b: string[]) => b[0]!\n',
    'lint/style/noNonNullAssertion',
  ],
  [
    'a cycle, from one side',
    `${P}/services/cycle-a.ts`,
    "import { b } from './cycle-b.ts'\n\nexport const a = () => b\n",
    'lint/suspicious/noImportCycles',
  ],
  [
    'a cycle, from the other side',
    `${P}/services/cycle-b.ts`,
    "import { a } from './cycle-a.ts'\n\nexport const b = () => a\n",
    'lint/suspicious/noImportCycles',
  ],
  [
    'a dependency that package.json does not name',
    'schema/src/undeclared.ts',
    importing('undici'),
    'lint/correctness/noUndeclaredDependencies',
  ],
]

/** The planted workspace's dependencies: all that is planted but `undici`, so that each arrow breaks one rule only. */
const DECLARED = Object.fromEntries(
  [
    '@bulkhead/contracts',
    '@bulkhead/datastore',
    '@bulkhead/experimentation',
    '@bulkhead/personalization',
    '@bulkhead/service',
    '@stdlib/stats-base-dists-normal-cdf',
    'graphql',
    'mongodb',
    'zod',
  ].map((name) => [name, '*']),
)

const VIOLATIONS = [...ARROWS, ...PURITY, ...HOUSE_RULES]

/** What each place may do; none of it may be reported. */
const CLEAN: readonly (readonly [name: string, path: string, source: string])[] = [
  [
    'test helpers of contracts generate values',
    'packages/contracts/src/testing/ok.ts',
    importing('fast-check'),
  ],
  [
    'contracts use zod and one another',
    'packages/contracts/src/ok.ts',
    importing('zod') + importing('./io.ts', 'io').replace('used', 'io2'),
  ],
  ['contracts hash', 'packages/contracts/src/event-id.ts', importing('node:crypto', 'createHash')],
  [
    'contracts sign in a signing file',
    'packages/contracts/src/snapshot-signature.ts',
    importing('node:crypto', 'sign'),
  ],
  ['contracts have a barrel', 'packages/contracts/src/index.ts', "export * from './io.ts'\n"],
  ['a test of contracts reads vectors', 'packages/contracts/src/ok.test.ts', importing('node:fs')],
  ['service uses node', 'packages/service/src/ok.ts', importing('node:http')],
  ['datastore uses drivers', 'packages/datastore/src/ok.ts', importing('mongodb')],
  [
    'datastore tests read the environment',
    'packages/datastore/src/testing/ok.ts',
    'export const a = process.env.URL\n',
  ],
  ['main wires adapters', `${X}/main.ts`, importing('./datastore/sqlite/open.ts')],
  ['cli opens datastores', `${P}/cli.ts`, importing('@bulkhead/datastore/url')],
  ['config reads the environment', `${X}/config.ts`, 'export const load = (env = process.env) => env.PORT\n'],
  ['graphql calls services', `${P}/graphql/ok.ts`, importing('../services/serve.ts')],
  ['graphql maps domain', `${P}/graphql/deep/ok.ts`, importing('../../domain/slate.ts')],
  ['http uses service', `${P}/http/ok.ts`, importing('@bulkhead/service/http/server')],
  ['workers use the port', `${P}/workers/ok.ts`, importing('../datastore/port.ts')],
  ['services use the port', `${X}/services/ok.ts`, importing('../datastore/port.ts')],
  ['services use domain and contracts', `${X}/services/deep/ok.ts`, importing('../../domain/plan.ts')],
  ['services read the clock they wire', `${X}/services/clock.ts`, 'export const now = () => Date.now()\n'],
  [
    'services keep wire data unknown',
    `${X}/services/wire.ts`,
    'export const a = (b: string) => JSON.parse(b) as unknown\n',
  ],
  ['domain uses contracts', `${P}/domain/ok.ts`, importing('@bulkhead/contracts')],
  ['domain hashes', `${X}/domain/hash.ts`, importing('node:crypto', 'createHash')],
  ['domain has folders', `${X}/domain/stats/ok.ts`, importing('../plan.ts')],
  [
    'domain uses distributions',
    `${X}/domain/stats/normal.ts`,
    importing('@stdlib/stats-base-dists-normal-cdf'),
  ],
  ['domain converts instants', `${X}/domain/instant.ts`, 'export const at = (ms: number) => new Date(ms)\n'],
  ['a test of domain does as it likes', `${P}/domain/ok.test.ts`, importing('../datastore/memory/open.ts')],
  ['the port names domain', `${X}/datastore/port.ts`, importing('../domain/plan.ts')],
  ['the conformance suite uses vitest', `${X}/datastore/conformance-writes.ts`, importing('vitest')],
  ['sqlite uses its driver', `${X}/datastore/sqlite/ok.ts`, importing('node:sqlite')],
  ['mongodb uses the port', `${X}/datastore/mongodb/ok.ts`, importing('../port.ts')],
  ['an adapter has folders', `${X}/datastore/mongodb/events/ok.ts`, importing('../open.ts')],
  ['adapters share documents', `${X}/datastore/sqlite/shared.ts`, importing('../documents.ts')],
  ['memory uses domain', `${P}/datastore/memory/ok.ts`, importing('../../domain/slate.ts')],
  [
    'adapters use @bulkhead/datastore',
    `${P}/datastore/sqlite/ok.ts`,
    importing('@bulkhead/datastore/migrate'),
  ],
  ['demo uses services', `${P}/demo/ok.ts`, importing('../services/serve.ts')],
  ['import uses the port', `${P}/import/ok.ts`, importing('../datastore/port.ts')],
  ['gateway uses service', 'gateway/src/ok.ts', importing('@bulkhead/service/log')],
  ['schema uses what it declares', 'schema/src/ok.ts', importing('graphql')],
  ['e2e uses contracts', 'e2e/ok.e2e.ts', importing('@bulkhead/contracts')],
  ['dev reads the environment', 'dev/src/ok.ts', 'export const a = process.env.PATH\n'],
  ['a tool configuration exports a default', 'vitest.config.ts', 'export default {}\n'],
]

const reportSchema = z.object({
  summary: z.object({ diagnosticsNotPrinted: z.literal(0) }),
  diagnostics: z.array(
    z.object({
      severity: z.string(),
      category: z.string(),
      message: z.string(),
      location: z.object({ path: z.string() }),
    }),
  ),
})
type Diagnostic = z.infer<typeof reportSchema>['diagnostics'][number]

/** The messages of every noRestrictedImports in the configuration: each promises that something is refused. */
function importMessages(node: unknown, inRule = false): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    inRule && key === 'message'
      ? [String(value)]
      : importMessages(value, inRule || key === 'noRestrictedImports'),
  )
}

describe('the layer rules', () => {
  const config = z.looseObject({}).parse(JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')))
  let folder: string
  let diagnostics: readonly Diagnostic[]

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'layer-rules-'))
    const plant = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    cpSync(join(ROOT, 'lint'), join(folder, 'lint'), { recursive: true })
    // The folder is no git checkout; everything else of the configuration is the real one.
    plant('biome.json', JSON.stringify({ ...config, vcs: { enabled: false } }))
    plant('package.json', JSON.stringify({ name: 'planted', dependencies: DECLARED }))
    for (const [, path, source] of [...VIOLATIONS, ...CLEAN]) plant(path, source)

    const run = spawnSync(
      BIOME,
      ['lint', '--reporter=json', '--max-diagnostics=none', '--colors=off', '--no-errors-on-unmatched', '.'],
      { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    )
    expect(run.error).toBeUndefined()
    expect(run.stdout, run.stderr).toMatch(/^\{/)
    diagnostics = reportSchema.parse(JSON.parse(run.stdout)).diagnostics
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const reportedFor = (path: string) => diagnostics.filter((diagnostic) => diagnostic.location.path === path)

  test('no two planted files share a path', () => {
    const paths = [...VIOLATIONS, ...CLEAN].map(([, path]) => path)
    expect(paths).toEqual([...new Set(paths)])
  })

  test.each(VIOLATIONS.map(([name, path, , category, message = '']) => ({ name, path, category, message })))(
    'refuse $name ($path)',
    ({ path, category, message }) => {
      expect(reportedFor(path)).toEqual([
        expect.objectContaining({ severity: 'error', category, message: expect.stringContaining(message) }),
      ])
    },
  )

  test.each(CLEAN)('allow that %s (%s)', (_name, path) => {
    expect(reportedFor(path)).toEqual([])
  })

  test('report nothing else', () => {
    const planted = new Set(VIOLATIONS.map(([, path]) => path))
    expect(diagnostics.filter(({ location }) => !planted.has(location.path))).toEqual([])
  })

  test('have no message for an import that no planted file provokes', () => {
    const provoked = new Set(diagnostics.map(({ message }) => message))
    const messages = importMessages(config)
    expect(messages.length).toBeGreaterThan(10)
    expect(messages.filter((message) => !provoked.has(message))).toEqual([])
  })
})
