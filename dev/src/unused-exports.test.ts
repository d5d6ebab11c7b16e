import { fileURLToPath } from 'node:url'
import { parse } from '@babel/parser'
import { expect, test } from 'vitest'
import { isCode, readImports } from './arrows/imports.ts'
import { readRepository } from './arrows/repository.ts'
import { type Files, packagesOf, resolveSpecifier } from './arrows/resolve.ts'

/** What a file exports by name for use at run time; types, and names that it passes on, are not counted. */
function exportedNames(text: string): string[] {
  const { program } = parse(text, {
    sourceType: 'module',
    plugins: ['typescript', 'explicitResourceManagement'],
    attachComment: false,
  })
  return program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || !statement.declaration) return []
    const { declaration } = statement
    if (declaration.type === 'VariableDeclaration')
      return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
    const isRunTime = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration'
    return isRunTime && declaration.id ? [declaration.id.name] : []
  })
}

/** `path: name` of every export that no other file imports, tests included. */
function unusedExports(files: Files): string[] {
  const packages = packagesOf(files)
  const code = [...files].filter(([path]) => isCode(path) && !path.includes('.generated.'))
  const imported = new Set<string>()
  for (const [path, text] of code) {
    for (const { specifier, names } of readImports(text)) {
      if (specifier === undefined) continue
      const target = resolveSpecifier(specifier, path, files, packages)
      if (target.kind !== 'file') continue
      for (const name of names === 'all' ? ['*'] : names) imported.add(`${target.path}: ${name}`)
    }
  }
  return code.flatMap(([path, text]) =>
    exportedNames(text)
      .map((name) => `${path}: ${name}`)
      .filter((unit) => !imported.has(unit) && !imported.has(`${path}: *`)),
  )
}

test('what a file exports is imported by another one', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  expect(unusedExports(readRepository(root))).toEqual([])
})

test('an export without an importer is found', () => {
  const files = new Map([
    ['a.ts', "import { used } from './b.ts'\nexport const LIMIT = used()"],
    [
      'b.ts',
      'export function used() {}\nexport async function unused() {}\nexport class Unused {}\nexport type T = 1',
    ],
    ['c.ts', 'export const whole = 1'],
    ['d.ts', "import * as c from './c.ts'"],
  ])
  expect(unusedExports(files)).toEqual(['a.ts: LIMIT', 'b.ts: unused', 'b.ts: Unused'])
})
