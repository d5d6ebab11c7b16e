import type { Program } from '../../harness/programs.ts'
import type { ProviderSettings } from '../identity-provider.ts'
import type { Trust } from '../subgraphs/subgraphs.ts'

/** What a gateway under test is given. */
export type Site = {
  readonly port: number
  /** A supergraph document with the subgraphs' real URLs, and without rules for access unless the peer has them. */
  readonly supergraphPath: string
  readonly subgraphUrls: Readonly<Record<'personalization' | 'experimentation', string>>
  /** By what our own subgraphs know their gateway; null where the subgraphs are canned. */
  readonly trust: Trust | null
  readonly provider: ProviderSettings
  /** An empty folder of its own. */
  readonly folder: string
}

/** A gateway that can be compared. */
export type Peer = {
  readonly name: string
  /** What differs from its defaults, for the reader of the results. */
  readonly configured: string
  readonly path: string
  /** Whether it enforces `@requiresScopes` as ours does, and is given the supergraph with them. */
  readonly enforcesAccess?: boolean
  /** Installs what is missing. Says why this gateway cannot take part, or null. */
  readonly prepare?: () => Promise<string | null>
  program(site: Site): Omit<Program, 'name' | 'ready'>
}
