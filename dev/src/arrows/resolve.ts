import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { z } from 'zod'

/** The files of the repository by their path from its root, with their text. */
export type Files = ReadonlyMap<string, string>

/** A package of this repository: its folder from the root, and what of it others can import. */
export type Package = { readonly folder: string; readonly exports: Readonly<Record<string, string>> }

export type Target =
  | { readonly kind: 'file'; readonly path: string }
  /** `module` as the table writes it: `npm:zod`, `node:fs`. */
  | { readonly kind: 'module'; readonly module: string }
  | { readonly kind: 'problem'; readonly problem: string }

const packageSchema = z.object({ name: z.string(), exports: z.record(z.string(), z.string()).default({}) })

/** The packages of the repository by name. */
export function packagesOf(files: Files): ReadonlyMap<string, Package> {
  const packages = new Map<string, Package>()
  for (const [path, text] of files) {
    if (posix.basename(path) !== 'package.json') continue
    const { name, exports } = packageSchema.parse(JSON.parse(text))
    packages.set(name, { folder: posix.dirname(path), exports })
  }
  return packages
}

/** What a specifier in `from` stands for. */
export function resolveSpecifier(
  specifier: string,
  from: string,
  files: Files,
  packages: ReadonlyMap<string, Package>,
): Target {
  if (isBuiltin(specifier)) return { kind: 'module', module: `node:${specifier.replace(/^node:/, '')}` }
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier)
    const owner = packageAround(path, packages)
    if (owner.folder !== '.' && owner !== packageAround(from, packages))
      return { kind: 'problem', problem: 'import another package by its name, not by a path' }
    return fileOrProblem(path, files)
  }
  const [, name, subpath] = /^((?:@[^/]+\/)?[\w.-][^/:]*)(\/.+)?$/.exec(specifier) ?? []
  if (name === undefined)
    return { kind: 'problem', problem: 'write a relative path or the name of a package' }
  const own = packages.get(name)
  if (own === undefined) return { kind: 'module', module: `npm:${name}` }
  return fileOrProblem(exported(own, `.${subpath ?? ''}`), files)
}

function fileOrProblem(path: string | undefined, files: Files): Target {
  return path !== undefined && files.has(path)
    ? { kind: 'file', path }
    : { kind: 'problem', problem: 'no file of the repository has this name' }
}

/** The innermost package whose folder holds the path; files outside all others are the root package's. */
function packageAround(path: string, packages: ReadonlyMap<string, Package>): Package {
  let innermost: Package = { folder: '.', exports: {} }
  for (const candidate of packages.values()) {
    if (path.startsWith(`${candidate.folder}/`) && candidate.folder.length > innermost.folder.length)
      innermost = candidate
  }
  return innermost
}

/** The file behind a subpath. Our exports name a path, or a pattern with one `*` on both sides. */
function exported({ folder, exports }: Package, subpath: string): string | undefined {
  for (const [key, path] of Object.entries(exports)) {
    if (key === subpath) return posix.join(folder, path)
    const [before, after] = key.split('*')
    if (before === undefined || after === undefined) continue
    if (subpath.startsWith(before) && subpath.endsWith(after))
      return posix.join(
        folder,
        path.replace('*', subpath.slice(before.length, subpath.length - after.length)),
      )
  }
  return undefined
}
