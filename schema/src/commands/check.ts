import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { check } from '../check.ts'
import type { CheckCommand, Output } from '../command-line/command-line.ts'
import { composeGraph } from '../composition/compose-graph.ts'
import type { CheckConfig } from '../config/check-config.ts'
import { compareContracts } from '../contracts/compare-contracts.ts'
import { readApprovals } from '../decision/approvals.ts'
import { readBaseline, writeBaseline } from '../decision/baseline.ts'
import { judge } from '../decision/judge.ts'
import { readRequired } from '../inputs/file-tree.ts'
import { type Base, openBase } from '../inputs/open-base.ts'
import { createOwners } from '../lint/owners.ts'
import { CannotCheckError, type Problem } from '../model/cannot-check.ts'
import type { Finding } from '../model/finding.ts'
import type { Report } from '../model/report.ts'
import { readOperations } from '../operations/read-operations.ts'
import { type Format, renderProblems, renderReport } from '../report/render.ts'
import { helpOf } from './help-of.ts'
import { composeBase, type Head, readHead } from './read-inputs.ts'
import type { ExitCode, Terminal } from './terminal.ts'
import { watch } from './watch.ts'

/** `bulkhead-schema check` */
export async function runCheck(command: CheckCommand, terminal: Terminal): Promise<ExitCode> {
  if (command.watch) return watch(terminal, () => checkOnce(command, terminal))
  return checkOnce(command, terminal)
}

async function checkOnce(command: CheckCommand, terminal: Terminal): Promise<ExitCode> {
  const options = { colors: terminal.hasColors, helpOf, fallbackFile: command.config }
  try {
    const report = await makeReport(command, terminal)
    await put(command.outputs, terminal, (format) => renderReport(report, format, options))
    return report.outcome === 'clean' ? 0 : 1
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error
    const { problems } = error
    await put(command.outputs, terminal, (format) => renderProblems(problems, format, options))
    return 2
  }
}

async function makeReport(command: CheckCommand, terminal: Terminal): Promise<Report> {
  const head = await readHead(command.config, terminal)
  const today = command.date ?? terminal.today
  const config = configured(head.config, command)
  const { tree } = head.workspace
  const base = await openBase({
    ...head,
    config,
    option: command.noBase ? 'none' : command.base,
    folder: terminal.folder,
  })
  const { known, notes } = await readOperations(config, tree, today)
  const approvals = await readIfNamed(config.check.approvals, 'approvals', head, readApprovals)
  const baselinePath =
    command.baseline === null ? config.check.baseline : relative(head.workspace.root, resolve(terminal.folder, command.baseline))
  const baseline = command.writeBaseline ? null : await readIfNamed(baselinePath, 'the baseline', head, readBaseline)
  const owners = createOwners(head.subgraphs, config.check.owners)
  const report = check({
    head: composeGraph('head', head.subgraphs),
    base: base.type === 'none' ? base : composeBase(base),
    baseNotes: base.type === 'subgraphs' ? base.notes : [],
    operations: known,
    operationNotes: notes,
    lint: config.check.lint,
    owners,
    contracts: await contractsOf(base, head, config),
    judge: (findings) =>
      judge(findings, {
        failOn: config.check.failOn,
        ownersOf: ({ coordinate, subgraphs }) => owners.ownersOf(coordinate, subgraphs),
        approvals: approvals ?? [],
        baseline,
        today,
      }),
  })
  if (!command.writeBaseline) return report
  return takeAsGiven(report, baselinePath, head, terminal)
}
