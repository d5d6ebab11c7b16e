import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MESSAGE = 'Write a top-level function as a declaration'

/** Lines of one module; those that the linter has to refuse end in the comment. */
const MODULE = `
type Rule = (n: number) => number
const one = (n: number) => n // refused
export const two = async (n: number): Promise<number> => { // refused
  const local = (m: number) => m
  return local(n)
}
const three = (n: number) => (m: number) => n + m // refused
const annotated: Rule = (n) => n
const made = [1].map((n) => n)
const memo = Object.freeze(() => {
  const inside = () => 1
  return inside
})
export function five() {
  const local = (n: number) => n
  return { one, annotated, made, memo, local, three, six: () => 1 }
}
`

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({ message: z.string(), location: z.object({ start: z.object({ line: z.int() }) }) }),
  ),
})

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'function-style-'))
  mkdirSync(join(folder, 'gateway/src'), { recursive: true })
  cpSync(join(ROOT, 'lint'), join(folder, 'lint'), { recursive: true })
  const config = z.looseObject({}).parse(JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')))
  // The folder is no git checkout; everything else of the configuration is the real one.
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
  writeFileSync(join(folder, 'gateway/src/planted.ts'), MODULE)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('arrow functions at the top level of a module are refused, all others are not', () => {
  const run = spawnSync(
    join(ROOT, 'node_modules/.bin/biome'),
    ['lint', '--reporter=json', '--colors=off', 'gateway/src/planted.ts'],
    { cwd: folder, encoding: 'utf8' },
  )
  const { diagnostics } = reportSchema.parse(JSON.parse(run.stdout))
  const refused = diagnostics.filter(({ message }) => message.startsWith(MESSAGE))
  const expected = MODULE.split('\n').flatMap((line, index) =>
    line.endsWith('// refused') ? [index + 1] : [],
  )
  expect(expected).toHaveLength(3)
  expect(refused.map(({ location }) => location.start.line)).toEqual(expected)
})
