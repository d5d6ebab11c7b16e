import type { FetchNode, PlanNode } from '@apollo/query-planner'
import { parse } from 'graphql'
import type { Supergraph } from '../../supergraph/supergraph.ts'
import { compilePath, keysOf, type PathStep } from '../response/response-path.ts'
import { type CompiledFetch, compileFetch } from './compiled-fetch.ts'
import { fieldsRead, fieldsWritten } from './fetch-paths.ts'

/** The part of an operation that one `@defer` delays. */
export type DeferredPart = {
  readonly label: string | undefined
  /** Response keys and `... on Type`, as the planner writes them. */
  readonly queryPath: readonly string[]
  readonly path: readonly PathStep[]
  /** The selection set to deliver at that path, as GraphQL text; null where nothing is left of it. */
  readonly selection: string | null
  /** The part whose delivery must come first; null where that is the initial answer. */
  readonly parent: number | null
}

/** A plan as a list of fetches that each name those they wait for. */
export type CompiledPlan = {
  readonly fetches: readonly CompiledFetch[]
  readonly deferred: readonly DeferredPart[]
}

type Fetch = { node: FetchNode; path: (string | number)[]; part: number | null; after: Set<number> }

/**
 * Turns the planner's tree into fetches. A fetch waits only for those that give it something it reads, not for the
 * slowest of the wave before it; in a mutation the planner's order is kept, because its effects have an order.
 */
export function compilePlan(root: PlanNode | undefined, supergraph: Supergraph): CompiledPlan {
  const fetches: Fetch[] = []
  const deferred: DeferredPart[] = []

  /** Adds the fetches below a node; returns their numbers. `before` are those that the planner's order puts first. */
  function add(
    node: PlanNode | undefined,
    path: (string | number)[],
    part: number | null,
    before: readonly number[],
  ): number[] {
    switch (node?.kind) {
      case undefined:
        return []
      case 'Fetch':
        fetches.push({ node, path, part, after: new Set(before) })
        return [fetches.length - 1]
      case 'Flatten':
        return add(node.node, [...path, ...node.path], part, before)
      case 'Parallel':
        return node.nodes.flatMap((each) => add(each, path, part, before))
      case 'Sequence': {
        const added: number[] = []
        for (const each of node.nodes) added.push(...add(each, path, part, [...before, ...added]))
        return added
      }
      case 'Condition':
        throw new Error(`the condition $${node.condition} was not decided before planning`)
      case 'Defer': {
        const primary = add(node.primary.node, path, part, before)
        for (const block of node.deferred) {
          deferred.push({
            label: block.label,
            queryPath: block.queryPath,
            path: compilePath(block.queryPath, supergraph.fullSchema),
            selection:
              block.subselection ??
              (block.node?.kind === 'Defer' ? block.node.primary.subselection : undefined) ??
              null,
            parent: part,
          })
          add(block.node, path, deferred.length - 1, [...before, ...primary])
        }
        // The nodes after this one do not wait for deferred parts.
        return primary
      }
    }
  }

  add(root, [], null, [])
  const inOrder = fetches.some(({ node }) => node.operationKind === 'mutation')
  return {
    fetches: connect(fetches, inOrder, supergraph),
    deferred,
  }
}

function connect(
  fetches: readonly Fetch[],
  inOrder: boolean,
  supergraph: Supergraph,
): readonly CompiledFetch[] {
  const described = fetches.map((fetch) => {
    const path = compilePath(fetch.path, supergraph.fullSchema)
    const document = parse(fetch.node.operation, { noLocation: true })
    return {
      fetch,
      path,
      document,
      read: fieldsRead(fetch.node, keysOf(path)),
      written: fieldsWritten(fetch.node, document, keysOf(path)),
    }
  })
  return described.map(({ fetch, path, document, read, written }) => {
    const waitsFor = [...fetch.after].filter((earlier) => {
      const given = described[earlier]?.written
      return inOrder || [...read].some((field) => given?.has(field))
    })
    return compileFetch({
      node: fetch.node,
      document,
      path,
      part: fetch.part,
      waitsFor,
      written,
      // What a mutation reads after its effects must not be the answer to a fetch that began before them.
      mayHaveEffects: inOrder,
      supergraph,
    })
  })
}
