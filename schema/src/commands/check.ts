import { relative, resolve } from 'node:path'
import { type CheckInputs, check } from '../check.ts'
import type { CheckCommand } from '../command-line/command-line.ts'
import { composeGraph } from '../composition/compose-graph.ts'
import type { CheckConfig } from '../config/check-config.ts'
import { compareContracts } from '../contracts/compare-contracts.ts'
import { readApprovals } from '../decision/approvals.ts'
import { type Baseline, readBaseline, writeBaseline } from '../decision/baseline.ts'
import { judge } from '../decision/judge.ts'
import { unusedRemovals } from '../decision/unused-removals.ts'
import { readRequired } from '../inputs/file-tree.ts'
import { type Base, openBase, subgraphsOf } from '../inputs/open-base.ts'
import type { RecordedReads } from '../inputs/recorded-reads.ts'
import { createOwners } from '../lint/owners.ts'
import { CannotCheckError, cannotCheck, type Problem, wholeFile } from '../model/cannot-check.ts'
import type { Finding } from '../model/finding.ts'
import type { Report } from '../model/report.ts'
import type { SourceFile } from '../model/source.ts'
import { readOperations } from '../operations/read-operations.ts'
import { renderProblems, renderReport } from '../report/render.ts'
import { helpOf } from './help-of.ts'
import { composeBase, type Head, readHead } from './read-inputs.ts'
import { type ExitCode, printFailure, type Terminal, writeText } from './terminal.ts'
import { watch } from './watch.ts'

/** `bulkhead-schema check` */
export async function runCheck(command: CheckCommand, terminal: Terminal): Promise<ExitCode> {
  if (command.watch) return watch(terminal, (reads) => checkOnce(command, terminal, reads))
  return checkOnce(command, terminal)
}

async function checkOnce(
  command: CheckCommand,
  terminal: Terminal,
  reads?: RecordedReads,
): Promise<ExitCode> {
  const options = { colors: terminal.hasColors, helpOf, fallbackFile: command.config }
  try {
    const report = await makeReport(command, terminal, reads)
    const rendered = command.outputs.map(({ format, file }) => ({
      file,
      text: renderReport(report, format, options),
    }))
    await put(rendered, terminal)
    return report.outcome === 'clean' ? 0 : 1
  } catch (error) {
    const problems = problemsOf(error, terminal)
    for (const { format, file } of command.outputs) {
      // One that cannot be written keeps no other from saying what is wrong.
      await put([{ file, text: renderProblems(problems, format, options) }], terminal).catch((failure) =>
        printFailure(failure, terminal),
      )
    }
    return 2
  }
}

/** What the formats say; the trace of a defect goes to the standard error. */
function problemsOf(error: unknown, terminal: Terminal): readonly Problem[] {
  if (error instanceof CannotCheckError) return error.problems
  printFailure(error, terminal)
  const message = error instanceof Error ? error.message : String(error)
  return [
    {
      location: null,
      message: `Nothing was checked, because of a defect of bulkhead-schema: ${message}`,
      expected: 'a report of it to those who maintain it, with the trace that the standard error has',
    },
  ]
}

async function makeReport(command: CheckCommand, terminal: Terminal, reads?: RecordedReads): Promise<Report> {
  const head = await readHead(command.config, terminal, reads)
  const { tree, root } = head.workspace
  const config = withOptions(head.config, command)
  const today = command.date ?? terminal.today
  const option = command.noBase ? 'none' : command.base
  const base = await openBase({ ...head, config, option, folder: terminal.folder })
  const { known, notes } = await readOperations(config, tree, today)
  const approvals = await readNamed(config.check.approvals, 'the file of approvals', head, readApprovals)
  const contracts = await contractsOf(base, head, config)
  // A large base is composed on another thread, which runs while this one composes the head.
  const composing = base.type === 'none' ? base : composeBase(base)
  const composition = composeGraph('head', head.subgraphs)
  const before = await composing
  // Where something is gone its owner stands in the base.
  const owners = createOwners(
    ['why' in before ? [] : before.subgraphs, head.subgraphs].flat(),
    config.check.owners,
  )

  const unused = unusedOf(base, config)
  const judgedBy = (baseline: Baseline | null) =>
    check({
      head: composition,
      base: before,
      baseNotes: base.type === 'subgraphs' ? base.notes : [],
      operations: known,
      operationNotes: notes,
      lint: config.check.lint,
      owners,
      contracts,
      judge: (findings) =>
        judge([...findings, ...unused], {
          failOn: config.check.failOn,
          ownersOf: ({ coordinate, subgraphs }) => owners.of(coordinate, subgraphs),
          approvals: approvals ?? [],
          baseline,
          today,
        }),
    })

  const path =
    command.baseline === null
      ? config.check.baseline
      : relative(root, resolve(terminal.folder, command.baseline))
  if (!command.writeBaseline) return judgedBy(await readNamed(path, 'the baseline', head, readBaseline))
  if (path === null)
    return cannotCheck('There is no path for the baseline', '--baseline FILE, or `baseline` under `check`')
  const text = writeBaseline(judgedBy(null).sections.flatMap(({ findings }) => findings))
  await writeText(resolve(root, path), text)
  terminal.writeError(`Wrote ${path}\n`)
  return judgedBy(readBaseline({ path, text }))
}

/** The configuration with what the command line sets instead. */
function withOptions(config: CheckConfig, { failOn, usageWindowDays }: CheckCommand): CheckConfig {
  const { operations } = config.check
  return {
    ...config,
    check: {
      ...config.check,
      failOn: failOn ?? config.check.failOn,
      operations:
        operations === null || usageWindowDays === null ? operations : { ...operations, usageWindowDays },
    },
  }
}

async function readNamed<T>(
  path: string | null,
  what: string,
  { workspace, config }: Head,
  read: (file: SourceFile) => T,
): Promise<T | null> {
  if (path === null) return null
  return read(await readRequired(workspace.tree, path, { what, location: wholeFile(config.path) }))
}

/** Without a base nobody knows what it had. */
function unusedOf(base: Base, config: CheckConfig): readonly Finding[] {
  const before = subgraphsOf(base)
  if (before === null) return []
  const removed = config.check.removedSubgraphs.map((name, index) => ({
    name,
    location: config.locate(['check', 'removed_subgraphs', index]),
  }))
  return unusedRemovals(
    removed,
    before.map(({ name }) => name),
  )
}

async function contractsOf(base: Base, head: Head, config: CheckConfig): Promise<CheckInputs['contracts']> {
  const { contracts } = config.check
  if (contracts === null) return { summary: 'No contracts are configured.', findings: [] }
  const before = base.type === 'subgraphs' ? base.tree : null
  const payloads =
    contracts.experiments === null ? '' : ' The payloads of running experiments were looked at.'
  return {
    summary: `${before === null ? 'There is no base to compare with.' : 'Compared with the base, in both directions.'}${payloads}`,
    findings: await compareContracts(before, head.workspace.tree, contracts),
  }
}

/** Writes what is asked for; files before the terminal, so that they are there when a reader acts on it. */
async function put(
  rendered: readonly { readonly file: string | null; readonly text: string }[],
  terminal: Terminal,
): Promise<void> {
  for (const { file, text } of rendered) {
    if (file !== null) await writeText(resolve(terminal.folder, file), text)
  }
  for (const { file, text } of rendered) if (file === null) terminal.write(text)
}
