import { type ASTNode, type DocumentNode, type GraphQLError, visit } from 'graphql'
import type { FindUses } from '../diff/find-uses.ts'

/** What an operation uses at a place: first of the element itself, then of each that it stands in. */
export type UsesAround = readonly (readonly string[])[]

/**
 * For each error of an operation what it used of the schema before at the places that the error names: by this the
 * change is found that causes it.
 * @param findUses of the schema before
 */
export function brokenUses(
  document: DocumentNode,
  errors: readonly GraphQLError[],
  findUses: FindUses,
): readonly UsesAround[] {
  const keys = new Map<ASTNode, string[]>()
  findUses(document, (node, key) => {
    const known = keys.get(node)
    if (known === undefined) keys.set(node, [key])
    else known.push(key)
  })
  const parents = new Map<ASTNode, ASTNode>()
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      // A node of a list has the list for a parent.
      const around = [...ancestors, parent].findLast(isNode)
      if (around !== undefined) parents.set(node, around)
    },
  })

  function usesAround(node: ASTNode): UsesAround {
    const around: (readonly string[])[] = []
    for (let at: ASTNode | undefined = node; at !== undefined; at = parents.get(at)) {
      const own = keys.get(at)
      if (own !== undefined) around.push(own)
    }
    return around
  }

  return errors.map(({ nodes = [] }) => {
    const ofNodes = nodes.map(usesAround)
    const depth = Math.max(0, ...ofNodes.map(({ length }) => length))
    return Array.from({ length: depth }, (_, level) => ofNodes.flatMap((around) => around[level] ?? []))
  })
}

function isNode(one: ASTNode | readonly ASTNode[] | undefined): one is ASTNode {
  return one !== undefined && 'kind' in one
}
