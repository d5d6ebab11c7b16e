import type { SourceLocation } from '../model/source.ts'

/**
 * What a check is told, read from one file in the shape of rover's supergraph.yaml: `subgraphs` and
 * `federation_version` are rover's, everything of ours stands under `check`. Paths are relative to that file.
 */
export type CheckConfig = {
  readonly federationVersion: string | null
  /** In the order of the file. */
  readonly subgraphs: readonly SubgraphConfig[]
  readonly check: {
    /** A git ref, a folder, or a supergraph file; the option `--base` goes before it. */
    readonly base: string | null
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

export type SubgraphConfig = {
  readonly name: string
  readonly routingUrl: string
  readonly schema:
    | { readonly type: 'file'; readonly pattern: string }
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
}
