import type { SourceFile } from '../model/source.ts'

/** A place that files are read from: the working tree, a git ref, or a folder. Paths are relative to its root. */
export type FileTree = {
  /** What it is called in messages. */
  readonly name: string
  /** null where there is no such file; @throws CannotCheckError where it cannot be read. */
  read(path: string): Promise<SourceFile | null>
  /** The paths that match a glob pattern, sorted. */
  list(pattern: string): Promise<readonly string[]>
}
