import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from './commands/run-command.ts'
import { testFolder, testRepository } from './testing/test-repository.ts'
import { createTestTerminal } from './testing/test-terminal.ts'

const ROOT = join(import.meta.dirname, '../..')
const PERSONALIZATION = 'subgraphs/personalization/src/schema.graphql'
/** What the check of our own graph reads. */
const PATTERNS = [
  'supergraph.yaml',
  'subgraphs/*/src/schema.graphql',
  'examples/*/src/*.graphql',
  'schema/contracts/*.schema.json',
]
const FILES = Object.fromEntries(
  globSync(PATTERNS, { cwd: ROOT }).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
)
const SCRIPTS: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts

/** The arguments with which a line such as `npm run schema:check -- --base REF` calls the command. */
function argumentsOf(line: string): readonly string[] {
  const [, script = '', options = ''] = /npm run (schema:\w+)(?: -- (.*))?$/.exec(line) ?? []
  const [, fixed = ''] = SCRIPTS[script]?.split('schema/src/cli.ts ') ?? []
  return `${fixed} ${options}`.trim().split(' ')
}

async function run(folder: string, line: string) {
  const { terminal, output, errors } = createTestTerminal(folder)
  return { code: await runCommand(argumentsOf(line), terminal), output: output(), errors: errors() }
}

test('the committed supergraph is what the subgraphs compose to', async () => {
  const folder = testFolder(FILES)
  expect(await run(folder, 'npm run schema:compose')).toMatchObject({ code: 0 })
  const composed = readFileSync(join(folder, 'schema/supergraph.graphql'), 'utf8')
  const committed = readFileSync(join(ROOT, 'schema/supergraph.graphql'), 'utf8')
  expect(committed, 'stale: run `npm run schema:compose` and commit the result').toBe(composed)
})

test('CI checks our graph, and fails where a subgraph breaks it', async () => {
  const script = readFileSync(join(ROOT, '.ci/run'), 'utf8')
  const line =
    script.split('\n').find((each) => each.startsWith('npm run schema:check')) ?? expect.unreachable()
  const { folder, commit } = testRepository(FILES)

  commit()
  const clean = await run(folder, line)
  expect(clean).toMatchObject({ code: 0, errors: '' })
  expect(clean.output).toContain('none of 0 findings fails the check')

  const sdl = FILES[PERSONALIZATION] ?? expect.unreachable()
  commit({ [PERSONALIZATION]: sdl.replace(' eraseUser(', ' wipeUser(') })
  const broken = await run(folder, line)
  expect(broken).toMatchObject({ code: 1 })
  expect(broken.output).toContain('FAIL BREAKING Mutation.eraseUser FIELD_REMOVED')
})
