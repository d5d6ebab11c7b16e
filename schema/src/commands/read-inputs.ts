import { composeBeside } from '../composition/compose-beside.ts'
import { type Composition, composeGraph } from '../composition/compose-graph.ts'
import type { CheckConfig } from '../config/check-config.ts'
import { loadConfig } from '../config/load-config.ts'
import { type CiRun, readCiRun } from '../inputs/ci.ts'
import { openWorkingTree } from '../inputs/folder-tree.ts'
import type { Base } from '../inputs/open-base.ts'
import { readSubgraphs } from '../inputs/read-subgraphs.ts'
import { createRecordedReads, type RecordedReads } from '../inputs/recorded-reads.ts'
import { openWorkspace, type Workspace } from '../inputs/workspace.ts'
import { activeRules } from '../lint/lint-settings.ts'
import { CannotCheckError } from '../model/cannot-check.ts'
import type { Graph, Subgraph } from '../model/graph.ts'
import type { Terminal } from './terminal.ts'

/** What every command begins with. */
export type Head = {
  readonly workspace: Workspace
  readonly config: CheckConfig
  readonly ci: CiRun | null
  readonly subgraphs: readonly Subgraph[]
}

/** @throws CannotCheckError */
export async function readHead(
  config: string,
  terminal: Terminal,
  reads: RecordedReads = createRecordedReads(),
): Promise<Head> {
  const opened = await openWorkspace({ config, folder: terminal.folder })
  const workspace = { ...opened, tree: reads.record(opened.tree, opened.root) }
  const loaded = await loadConfig(workspace.configPath, workspace.tree)
  // A wrong setting is said whether the graph composes or not.
  activeRules(loaded.check.lint)
  return {
    workspace,
    config: loaded,
    ci: await readCiRun(terminal.environment, openWorkingTree(terminal.folder)),
    subgraphs: await readSubgraphs(loaded, workspace.tree),
  }
}

/** @throws CannotCheckError where it does not compose: then nothing can be said of what changes */
export async function composeBase(base: Exclude<Base, { readonly type: 'none' }>): Promise<Graph> {
  if (base.type === 'supergraph') return base.graph
  const expected = 'a base that composes; name another with --base, or `--base none` to compare with nothing'
  return graphOrRefuse(await composeBeside(base.name, base.subgraphs), 'The base', expected)
}

/** @throws CannotCheckError where it does not compose: then there is nothing to describe */
export function composeHead({ subgraphs }: Head): Graph {
  const expected = 'subgraphs that compose; `bulkhead-schema compose` says the same'
  return graphOrRefuse(composeGraph('head', subgraphs, { isTrusted: true }), 'The graph', expected)
}

function graphOrRefuse(composition: Composition, what: string, expected: string): Graph {
  if (composition.type === 'composed') return composition.graph
  throw new CannotCheckError(
    composition.findings
      .filter(({ grade }) => grade === 'ERROR')
      .map(({ location, message }) => ({
        location,
        message: `${what} does not compose: ${message}`,
        expected,
      })),
  )
}
