import { type ASTNode, Source } from 'graphql'

/** A text that was read, named as a person would find it: a path, with `REF:` before it where it comes from git. */
export type SourceFile = { readonly path: string; readonly text: string }

/** Line and column count from 1. */
export type SourceLocation = { readonly file: string; readonly line: number; readonly column: number }

/** GraphQL's own type for it, so that every node of a parsed document knows its file. */
export function graphqlSource({ path, text }: SourceFile): Source {
  return new Source(text, path)
}

/** Where the lines of a text begin. graphql's own `getLocation` reads the text from its start for every node. */
const lineStarts = new WeakMap<Source, readonly number[]>()

function lineStartsOf(source: Source): readonly number[] {
  const known = lineStarts.get(source)
  if (known !== undefined) return known
  const starts = [
    0,
    ...[...source.body.matchAll(/\r\n|[\n\r]/g)].map(({ index, 0: end }) => index + end.length),
  ]
  lineStarts.set(source, starts)
  return starts
}

/** Where a node stands; null for a node that no text has, such as one that composition made. */
export function locationOf(node: ASTNode | undefined | null): SourceLocation | null {
  if (node?.loc === undefined) return null
  const { source, start } = node.loc
  const starts = lineStartsOf(source)
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= start) low = middle
    else high = middle
  }
  return { file: source.name, line: low + 1, column: start - (starts[low] ?? 0) + 1 }
}

export function printLocation({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`
}
