import type { Program } from '../../harness/programs.ts'

/** What a gateway under test is given. */
export type Site = {
  readonly port: number
  /** A supergraph document with the subgraphs' real URLs. */
  readonly supergraphPath: string
  readonly subgraphUrls: Readonly<Record<'personalization' | 'experimentation', string>>
  /** The secret that our own subgraphs want to see; null where the subgraphs are canned. */
  readonly gatewaySecret: string | null
  /** An empty folder of its own. */
  readonly folder: string
}

/** A gateway that can be compared. */
export type Peer = {
  readonly name: string
  /** What differs from its defaults, for the reader of the results. */
  readonly configured: string
  readonly path: string
  /** Installs what is missing. Says why this gateway cannot take part, or null. */
  readonly prepare?: () => Promise<string | null>
  program(site: Site): Omit<Program, 'name' | 'ready'>
}
