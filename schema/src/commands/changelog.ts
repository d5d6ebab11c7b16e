import { renderChangelog } from '../changelog/render-changelog.ts'
import type { ChangelogCommand } from '../command-line/command-line.ts'
import { compareGraphs } from '../diff/compare-graphs.ts'
import { openGraph } from '../inputs/open-base.ts'
import { cannotCheck } from '../model/cannot-check.ts'
import type { Graph } from '../model/graph.ts'
import { readOperations } from '../operations/read-operations.ts'
import { composeBase, composeHead, type Head, readHead } from './read-inputs.ts'
import { type ExitCode, type Terminal, writeTo } from './terminal.ts'

/** `bulkhead-schema changelog` */
export async function runChangelog(command: ChangelogCommand, terminal: Terminal): Promise<ExitCode> {
  const working = await readHead(command.config, terminal)
  const base = await stateOf(command.base, working, terminal)
  const head = command.head === null ? composeHead(working) : await stateOf(command.head, working, terminal)
  const { known } = await readOperations(working.config, working.workspace.tree, terminal.today)
  const text = renderChangelog(compareGraphs(base, head, known), {
    base: base.name,
    head: command.head === null ? 'the working tree' : head.name,
  })
  await writeTo(command.output, text, terminal)
  return 0
}

async function stateOf(spec: string, working: Head, terminal: Terminal): Promise<Graph> {
  const opened = await openGraph(spec, { ...working, folder: terminal.folder, location: null })
  if (opened.type === 'none')
    return cannotCheck(`${spec} is no graph: ${opened.why}`, 'a git ref, a folder or a supergraph file')
  return composeBase(opened)
}
