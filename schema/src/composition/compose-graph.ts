import { compose } from '@apollo/composition'
import { buildSubgraph, errorCauses, Subgraphs, Supergraph } from '@apollo/federation-internals'
import type { Finding } from '../model/finding.ts'
import type { Graph, Subgraph } from '../model/graph.ts'
import {
  findingOfError,
  findingOfHint,
  type SubgraphOfSource,
  subgraphOfSource,
} from './composition-findings.ts'

export type Composition =
  | { readonly type: 'composed'; readonly graph: Graph; readonly findings: readonly Finding[] }
  /** At least one of the findings is an ERROR. */
  | { readonly type: 'failed'; readonly findings: readonly Finding[] }

/** As `Composition`, with the supergraph as text: what another thread can hand over. */
export type ComposedText =
  | { readonly type: 'composed'; readonly supergraphSdl: string; readonly findings: readonly Finding[] }
  | { readonly type: 'failed'; readonly findings: readonly Finding[] }

type ComposeOptions = {
  /** Leaves out the proof that every query can be planned: for a base, which somebody has composed before. */
  readonly isTrusted?: boolean
}

/** Composes subgraphs: sections `subgraphs` (each by itself) and `composition` (all together, hints included). */
export function composeGraph(
  name: string,
  subgraphs: readonly Subgraph[],
  options: ComposeOptions = {},
): Composition {
  return compositionOf(name, subgraphs, composeText(subgraphs, options))
}

export function compositionOf(
  name: string,
  subgraphs: readonly Subgraph[],
  composed: ComposedText,
): Composition {
  if (composed.type === 'failed') return composed
  const { supergraphSdl, findings } = composed
  return {
    type: 'composed',
    graph: graphOfSupergraph(name, byName(subgraphs), supergraphSdl, { isComposedHere: true }),
    findings,
  }
}

export function composeText(subgraphs: readonly Subgraph[], options: ComposeOptions): ComposedText {
  const sorted = byName(subgraphs)
  const owners = subgraphOfSource(sorted)
  const { built, findings } = buildAll(sorted, owners)
  if (findings.length > 0) return { type: 'failed', findings }
  const result = compose(built, { runSatisfiability: options.isTrusted !== true })
  if (result.errors !== undefined) {
    return {
      type: 'failed',
      findings: result.errors.map((error) => findingOfError('composition', error, owners)),
    }
  }
  return {
    type: 'composed',
    supergraphSdl: result.supergraphSdl,
    findings: result.hints.flatMap((hint) => findingOfHint(hint, owners) ?? []),
  }
}

function byName(subgraphs: readonly Subgraph[]): readonly Subgraph[] {
  return subgraphs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * @param options.isComposedHere composition has validated it then, which takes as long as reading it
 * @throws GraphQLError where the text is no supergraph
 */
export function graphOfSupergraph(
  name: string,
  subgraphs: readonly Subgraph[],
  supergraphSdl: string,
  options: { readonly isComposedHere?: boolean } = {},
): Graph {
  const supergraph = Supergraph.build(supergraphSdl, {
    // Nothing is executed here, so a feature such as @policy needs nobody who enforces it.
    supportedFeatures: null,
    validateSupergraph: options.isComposedHere !== true,
  })
  return {
    name,
    subgraphs,
    supergraphSdl,
    supergraph,
    apiSchema: supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true }),
  }
}

function buildAll(
  subgraphs: readonly Subgraph[],
  owners: SubgraphOfSource,
): { built: Subgraphs; findings: readonly Finding[] } {
  const built = new Subgraphs()
  const findings: Finding[] = []
  for (const { name, routingUrl, document } of subgraphs) {
    try {
      built.add(buildSubgraph(name, routingUrl, document))
    } catch (error) {
      const causes = error instanceof Error ? errorCauses(error) : undefined
      if (causes === undefined) throw error
      findings.push(...causes.map((cause) => findingOfError('subgraphs', cause, owners)))
    }
  }
  return { built, findings }
}
