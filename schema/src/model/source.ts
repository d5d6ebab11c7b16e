import { type ASTNode, getLocation, Source } from 'graphql'

/** A text that was read, named as a person would find it: a path, with `REF:` before it where it comes from git. */
export type SourceFile = { readonly path: string; readonly text: string }

/** Line and column count from 1. */
export type SourceLocation = { readonly file: string; readonly line: number; readonly column: number }

/** GraphQL's own type for it, so that every node of a parsed document knows its file. */
export function graphqlSource({ path, text }: SourceFile): Source {
  return new Source(text, path)
}

/** Where a node stands; null for a node that no text has, such as one that composition made. */
export function locationOf(node: ASTNode | undefined | null): SourceLocation | null {
  if (node?.loc === undefined) return null
  const { line, column } = getLocation(node.loc.source, node.loc.start)
  return { file: node.loc.source.name, line, column }
}

export function printLocation({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`
}
