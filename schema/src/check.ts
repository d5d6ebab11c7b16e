import type { Composition } from './composition/compose-graph.ts'
import type { CheckConfig } from './config/check-config.ts'
import { compareGraphs } from './diff/compare-graphs.ts'
import { lintGraph } from './lint/lint-graph.ts'
import type { Finding, JudgedFinding, Section } from './model/finding.ts'
import { GRADES, SECTIONS } from './model/finding.ts'
import type { Graph } from './model/graph.ts'
import type { KnownOperations } from './model/operation.ts'
import type { Report, ReportSection } from './model/report.ts'
import { checkOperations } from './operations/check-operations.ts'

/** Everything that was read for a check. */
export type CheckInputs = {
  readonly head: Composition
  /** null where the check was told to compare with nothing. */
  readonly base: Graph | null
  readonly operations: KnownOperations
  readonly lint: CheckConfig['check']['lint']
  /** What the comparison of contracts found; null where no contracts are configured. */
  readonly contracts: readonly Finding[] | null
  /** Gives each finding its fingerprint, owners and excuse, and adds what is wrong with the approvals themselves. */
  readonly judge: (findings: readonly Finding[]) => readonly JudgedFinding[]
}

/** Makes a check: a function of what was read, without a clock, files or the network. */
export function check(inputs: CheckInputs): Report {
  const steps = runSteps(inputs)
  const judged = inputs.judge(steps.flatMap(({ findings }) => findings))
  const bySection = new Map<Section, JudgedFinding[]>(SECTIONS.map((section) => [section, []]))
  for (const finding of judged) bySection.get(finding.section)?.push(finding)
  const summaries = new Map(steps.map(({ section, summary }) => [section, summary]))
  return {
    base: inputs.base?.name ?? null,
    head: 'head',
    sections: SECTIONS.map((section): ReportSection => {
      const findings = bySection.get(section) ?? []
      return { section, summary: summaries.get(section) ?? '', findings: findings.toSorted(byWeight) }
    }),
    outcome: judged.some(({ fails }) => fails) ? 'failed' : 'clean',
  }
}

type Step = {
  readonly section: Section
  readonly summary: string
  readonly findings: readonly Finding[]
}

function runSteps({ head, base, operations, lint, contracts }: CheckInputs): readonly Step[] {
  const ofSection = (section: Section) => head.findings.filter((finding) => finding.section === section)
  const steps: Step[] = []
  const add = (section: Section, summary: string, findings: readonly Finding[]) =>
    steps.push({ section, summary, findings })

  if (head.type === 'failed') {
    const alone = ofSection('subgraphs')
    add(
      'subgraphs',
      alone.length > 0 ? 'Not every subgraph is valid.' : 'Every subgraph is valid by itself.',
      alone,
    )
    add(
      'composition',
      alone.length > 0 ? 'Not composed: see the subgraphs.' : 'The subgraphs do not compose.',
      ofSection('composition'),
    )
    for (const section of ['changes', 'operations', 'lint'] as const) {
      add(section, 'Not checked: the subgraphs do not compose.', [])
    }
  } else {
    const { graph } = head
    const types = Object.keys(graph.apiSchema.getTypeMap()).filter((name) => !name.startsWith('__')).length
    add(
      'subgraphs',
      `${counted(graph.subgraphs.length, 'subgraph')}, each valid by itself.`,
      ofSection('subgraphs'),
    )
    add('composition', `Composes to ${counted(types, 'type')}.`, ofSection('composition'))
    add(
      'changes',
      base === null ? 'Not compared: no base was given.' : `Compared with ${base.name}.`,
      base === null ? [] : compareGraphs(base, graph, operations),
    )
    add('operations', summaryOf(operations), checkOperations(base, graph, operations))
    add('lint', 'Linted.', lintGraph(graph, lint))
  }
  add(
    'contracts',
    contracts === null ? 'No contracts are configured.' : 'Compared with the base.',
    contracts ?? [],
  )
  return steps
}

function summaryOf({ operations, recorded }: KnownOperations): string {
  if (operations.length === 0 && recorded === null) {
    return 'No operations are configured: nothing is known of who uses the graph, so every breaking change counts.'
  }
  const usage =
    recorded === null
      ? ''
      : ` ${counted(recorded.requests, 'request')} recorded from ${recorded.from} to ${recorded.to}${recorded.isEnough ? '' : ', too few to call anything unused'}.`
  return `${counted(operations.length, 'operation')}.${usage}`
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Failing findings first, the worst grade first; the rest by text, so that two checks print the same. */
function byWeight(a: JudgedFinding, b: JudgedFinding): number {
  if (a.fails !== b.fails) return a.fails ? -1 : 1
  if (a.grade !== b.grade) return GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade)
  return (
    compareText(a.coordinate ?? '', b.coordinate ?? '') ||
    compareText(a.code, b.code) ||
    compareText(a.key ?? '', b.key ?? '') ||
    compareText(a.message, b.message)
  )
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
