import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'

/** A place that files are read from: the working tree, a git ref, or a folder. Paths are relative to its root. */
export type FileTree = {
  /** What it is called in messages. */
  readonly name: string
  /** null where there is no such file; @throws CannotCheckError where it cannot be read. */
  read(path: string): Promise<SourceFile | null>
  /** The paths that match a glob pattern, sorted. */
  list(pattern: string): Promise<readonly string[]>
}

/** What no pattern means, however it is written. */
export const IGNORED = ['**/node_modules/**', '**/.git/**']

/** The file of this path or, where there is none, the files that match it as a pattern. */
export async function readMatching(tree: FileTree, pattern: string): Promise<readonly SourceFile[]> {
  const file = await tree.read(pattern)
  if (file !== null) return [file]
  const paths = await tree.list(pattern)
  const files = await Promise.all(paths.map((path) => tree.read(path)))
  return files.filter((one) => one !== null)
}

/** The file of this path. @throws CannotCheckError where there is none */
export async function readRequired(
  tree: FileTree,
  path: string,
  options: { readonly what: string; readonly location: SourceLocation | null },
): Promise<SourceFile> {
  const file = await tree.read(path)
  if (file !== null) return file
  return cannotCheck(
    `There is no file ${path} in ${tree.name}`,
    `the path of ${options.what}`,
    options.location ?? wholeFile(path),
  )
}

/** @throws CannotCheckError for what is not text */
export function decodeText(path: string, bytes: Uint8Array): SourceFile {
  try {
    if (!bytes.includes(0)) return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    // Refused below.
  }
  return cannotCheck('The file is not text in UTF-8', 'a text file in UTF-8', wholeFile(path))
}
