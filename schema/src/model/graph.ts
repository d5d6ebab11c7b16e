import type { Supergraph } from '@apollo/federation-internals'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { SourceFile } from './source.ts'

/** A subgraph as its team wrote it: the nodes of `document` know their files and lines. */
export type Subgraph = {
  readonly name: string
  readonly routingUrl: string
  /** Empty where the graph was given as a supergraph only: its `document` is then what that supergraph says of it. */
  readonly files: readonly SourceFile[]
  readonly document: DocumentNode
}

/** A graph that composes. */
export type Graph = {
  /** What it is called in messages: `head`, or the git ref, folder or file that the base came from. */
  readonly name: string
  /** Sorted by name. */
  readonly subgraphs: readonly Subgraph[]
  readonly supergraphSdl: string
  readonly supergraph: Supergraph
  /** What clients see: without federation's own types, directives and what is `@inaccessible`. */
  readonly apiSchema: GraphQLSchema
}
