import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Bundled = {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly text: string
}

/**
 * The licences of all packages from `node_modules` that these modules are part of, as one text.
 *
 * @throws Error where a package states none: it may not be given to others then
 */
export function licencesOf(modules: readonly string[]): string {
  const folders = new Set(modules.filter((id) => id.includes('/node_modules/')).map(packageFolder))
  const packages = [...folders].map(readPackage).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return packages
    .map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** The folder of the innermost package that holds a module. */
function packageFolder(module: string): string {
  let folder = dirname(module)
  while (!hasName(folder)) folder = dirname(folder)
  return folder
}

/** Some packages have manifests without a name in their inner folders. */
function hasName(folder: string): boolean {
  const file = join(folder, 'package.json')
  return existsSync(file) && 'name' in JSON.parse(readFileSync(file, 'utf8'))
}

function readPackage(folder: string): Bundled {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  if (typeof license !== 'string') throw new Error(`${name} states no licence: it cannot be bundled`)
  return { name, version, license, text: file === undefined ? '' : readFileSync(join(folder, file), 'utf8') }
}
