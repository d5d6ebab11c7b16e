import { resolve } from 'node:path'
import type { DocsCommand } from '../command-line/command-line.ts'
import { writeDocs } from '../docs-site/write-docs.ts'
import { createOwners } from '../lint/owners.ts'
import { readOperations } from '../operations/read-operations.ts'
import { composeHead, readHead } from './read-inputs.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** `bulkhead-schema docs` */
export async function runDocs({ config, to }: DocsCommand, terminal: Terminal): Promise<ExitCode> {
  const head = await readHead(config, terminal)
  const { known } = await readOperations(head.config, head.workspace.tree, terminal.today)
  const owners = createOwners(head.subgraphs, head.config.check.owners)
  const pages = await writeDocs(composeHead(head), known, owners.of, resolve(terminal.folder, to))
  terminal.writeError(`Wrote ${pages} pages to ${to}\n`)
  return 0
}
