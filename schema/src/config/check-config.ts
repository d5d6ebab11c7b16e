import type { ValuePath } from '../inputs/located-value.ts'
import type { SourceLocation } from '../model/source.ts'

/**
 * What a check is told, read from one file in the shape of rover's supergraph.yaml: `subgraphs` and
 * `federation_version` are rover's, everything of ours stands under `check`. Paths in the file are relative to it; here
 * they are relative to the root of the tree that it was read from.
 */
export type CheckConfig = SubgraphsConfig & {
  readonly check: {
    /** A git ref, a folder, a supergraph file, or `none`; the option `--base` goes before it. */
    readonly base: string | null
    /** Subgraphs of the base that are gone on purpose. */
    readonly removedSubgraphs: readonly string[]
    readonly operations: OperationsConfig | null
    readonly lint: LintConfig
    readonly owners: OwnersConfig | null
    readonly contracts: ContractsConfig | null
    /** Path of the file of approvals. */
    readonly approvals: string | null
    /** Path of the file that `--write-baseline` writes. */
    readonly baseline: string | null
    /** What fails a check besides ERROR and BREAKING. */
    readonly failOn: 'breaking' | 'dangerous'
  }
}

/** What composing needs: all that is asked of the configuration of a base, whose other settings may be of another version. */
export type SubgraphsConfig = {
  /** Path of the file itself. */
  readonly path: string
  readonly federationVersion: string | null
  /** In the order of the file. */
  readonly subgraphs: readonly SubgraphConfig[]
  /** Where a setting stands in the file, by its path there: `['check', 'operations', 'usage', 0]`. */
  locate(path: ValuePath): SourceLocation
}

export type SubgraphConfig = {
  readonly name: string
  readonly routingUrl: string
  readonly schema:
    | { readonly type: 'file'; readonly pattern: string }
    /** With line breaks and spaces before it, so that its lines and columns are those of the configuration file. */
    | { readonly type: 'sdl'; readonly sdl: string }
}

export type OperationsConfig = {
  /** Patterns of `.graphql` documents, Apollo persisted-query manifests, and recorded usage (JSON lines). */
  readonly documents: readonly string[]
  readonly manifests: readonly string[]
  readonly usage: readonly string[]
  readonly usageWindowDays: number
  /** With fewer recorded requests within the window nothing counts as unused. */
  readonly leastRequests: number
}

export type LintConfig = {
  /** Rules that differ from the recommended setting, by name. */
  readonly rules: ReadonlyMap<string, LintSetting>
}
export type LintSetting = {
  readonly level: 'off' | 'warning' | 'error'
  readonly options: Readonly<Record<string, unknown>>
  /** Where the setting stands, for what is wrong with it. */
  readonly location?: SourceLocation
}

export type OwnersConfig = {
  /** The last row that matches a coordinate owns it, as in CODEOWNERS: `Item.*`, `Query.items`, `@tag`, or a subgraph's name with a colon after it. */
  readonly rows: readonly { readonly pattern: string; readonly owners: readonly string[] }[]
}

export type ContractsConfig = {
  /** Pattern of the JSON Schema files that are contracts between services. */
  readonly schemas: string
  /** Payloads of running experiments: a file with a list, each with the JSON Schema file that it must still fit. */
  readonly experiments: string | null
  /** Where the two stand. */
  readonly locations: { readonly schemas: SourceLocation; readonly experiments: SourceLocation }
}
