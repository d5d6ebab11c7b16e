import type { ComposeCommand } from '../command-line/command-line.ts'
import { composeGraph } from '../composition/compose-graph.ts'
import type { RecordedReads } from '../inputs/recorded-reads.ts'
import type { Finding } from '../model/finding.ts'
import { printLocation } from '../model/source.ts'
import { readHead } from './read-inputs.ts'
import { type ExitCode, type Terminal, writeTo } from './terminal.ts'
import { watch } from './watch.ts'

/** `bulkhead-schema compose` */
export async function runCompose(command: ComposeCommand, terminal: Terminal): Promise<ExitCode> {
  if (command.watch) return watch(terminal, (reads) => composeOnce(command, terminal, reads))
  return composeOnce(command, terminal)
}

async function composeOnce(
  command: ComposeCommand,
  terminal: Terminal,
  reads?: RecordedReads,
): Promise<ExitCode> {
  const { subgraphs } = await readHead(command.config, terminal, reads)
  const composition = composeGraph('head', subgraphs)
  for (const finding of composition.findings) terminal.writeError(`${line(finding)}\n`)
  if (composition.type === 'failed' || (command.strict && composition.findings.length > 0)) return 1
  await writeTo(command.output, `${composition.graph.supergraphSdl.trimEnd()}\n`, terminal)
  return 0
}

function line({ grade, code, message, location, subgraphs }: Finding): string {
  const place = location === null ? subgraphs.join(', ') : printLocation(location)
  return `${place === '' ? '' : `${place}: `}${grade} ${code}: ${message}`
}
