import type { CompositionSuccess } from '@apollo/composition'
import { errorCode } from '@apollo/federation-internals'
import type { ASTNode, GraphQLError, Source } from 'graphql'
import type { Finding, Section } from '../model/finding.ts'
import type { Subgraph } from '../model/graph.ts'
import { locationOf } from '../model/source.ts'

/** What composition says of an element of a subgraph begins so. */
const SUBGRAPH_PREFIX = /^\[([^\]]+)\] /

type CompositionHint = CompositionSuccess['hints'][number]

/** Which subgraph a text belongs to. */
export type SubgraphOfSource = ReadonlyMap<Source, string>

export function subgraphOfSource(subgraphs: readonly Subgraph[]): SubgraphOfSource {
  return new Map(
    subgraphs.flatMap(({ name, document }) =>
      document.definitions.flatMap(({ loc }) => (loc === undefined ? [] : [[loc.source, name] as const])),
    ),
  )
}

/** An error of composition, at the first of the elements that it names. */
export function findingOfError(section: Section, error: GraphQLError, owners: SubgraphOfSource): Finding {
  const nodes = error.nodes ?? []
  const named = SUBGRAPH_PREFIX.exec(error.message)?.[1]
  return {
    section,
    code: errorCode(error) ?? 'INVALID_GRAPHQL',
    grade: 'ERROR',
    message: error.message.replace(SUBGRAPH_PREFIX, ''),
    reason:
      section === 'subgraphs'
        ? 'The subgraph is not valid by itself, so no gateway can load it.'
        : 'The subgraphs do not fit each other, so there is no supergraph to serve.',
    coordinate: null,
    subgraphs: sortedSubgraphs(nodes, owners, named),
    location: firstLocation(nodes),
    affected: [],
    key: error.message,
  }
}

/** A hint of composition; null for those that only say what composition does. */
export function findingOfHint(hint: CompositionHint, owners: SubgraphOfSource): Finding | null {
  if (hint.definition.level.name === 'DEBUG') return null
  const nodes = hint.nodes ?? []
  return {
    section: 'composition',
    code: hint.definition.code,
    grade: hint.definition.level.name === 'WARN' ? 'WARNING' : 'NOTE',
    message: hint.message,
    reason: `${hint.definition.description.replace(/\.?$/, '')}.`,
    coordinate: hint.coordinate ?? null,
    subgraphs: sortedSubgraphs(nodes, owners),
    location: firstLocation(nodes),
    affected: [],
    key: hint.message,
  }
}

function sortedSubgraphs(
  nodes: readonly ASTNode[],
  owners: SubgraphOfSource,
  named?: string,
): readonly string[] {
  const names = new Set(nodes.flatMap(({ loc }) => (loc === undefined ? [] : (owners.get(loc.source) ?? []))))
  if (named !== undefined) names.add(named)
  return [...names].toSorted()
}

function firstLocation(nodes: readonly ASTNode[]): Finding['location'] {
  for (const node of nodes) {
    const location = locationOf(node)
    if (location !== null) return location
  }
  return null
}
