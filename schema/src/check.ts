import type { Composition } from './composition/compose-graph.ts'
import type { LintConfig } from './config/check-config.ts'
import { compareGraphs } from './diff/compare-graphs.ts'
import { lintGraph } from './lint/lint-graph.ts'
import type { Owners } from './lint/owners.ts'
import type { Finding, JudgedFinding, Section } from './model/finding.ts'
import { SECTIONS } from './model/finding.ts'
import type { Graph } from './model/graph.ts'
import type { KnownOperations } from './model/operation.ts'
import { baseInWords, type Report, type ReportSection } from './model/report.ts'
import { checkOperations } from './operations/check-operations.ts'

/** Everything that was read for a check. */
export type CheckInputs = {
  readonly head: Composition
  readonly base: Graph | { readonly type: 'none'; readonly why: string }
  /** What is to be said of how the base was found, in sentences. */
  readonly baseNotes: readonly string[]
  readonly operations: KnownOperations
  readonly operationNotes: readonly string[]
  readonly lint: LintConfig
  /** Of the head. */
  readonly owners: Owners
  readonly contracts: { readonly summary: string; readonly findings: readonly Finding[] }
  /** Gives each finding its fingerprint, owners and excuse, and adds what is wrong with the approvals themselves. */
  readonly judge: (findings: readonly Finding[]) => readonly JudgedFinding[]
}

/** Makes a check: a function of what was read, without a clock, files or the network. */
export function check(inputs: CheckInputs): Report {
  const steps = runSteps(inputs)
  const judged = inputs.judge(steps.flatMap(({ findings }) => findings))
  const summaries = new Map(steps.map(({ section, summary }) => [section, summary]))
  return {
    base: 'why' in inputs.base ? null : inputs.base.name,
    head: 'head',
    sections: SECTIONS.map((section): ReportSection => {
      const findings = judged.filter((finding) => finding.section === section)
      return { section, summary: summaries.get(section) ?? summaryOfApprovals(judged), findings }
    }),
    outcome: judged.some(({ fails }) => fails) ? 'failed' : 'clean',
  }
}

type Step = {
  readonly section: Section
  readonly summary: string
  readonly findings: readonly Finding[]
}

function runSteps(inputs: CheckInputs): readonly Step[] {
  const { head, contracts } = inputs
  const of = (section: Section) => head.findings.filter((finding) => finding.section === section)
  const compared: Step = { section: 'contracts', ...contracts }
  if (head.type === 'composed') return [...stepsOf(head.graph, of, inputs), compared]
  const alone = of('subgraphs')
  const unchecked = 'Not checked: the subgraphs do not compose.'
  return [
    alone.length > 0
      ? { section: 'subgraphs', summary: 'Not every subgraph is valid.', findings: alone }
      : { section: 'subgraphs', summary: 'Each is valid by itself.', findings: [] },
    {
      section: 'composition',
      summary: alone.length > 0 ? 'Not composed: see the subgraphs.' : 'The subgraphs do not compose.',
      findings: of('composition'),
    },
    { section: 'changes', summary: unchecked, findings: [] },
    { section: 'operations', summary: unchecked, findings: [] },
    { section: 'lint', summary: unchecked, findings: [] },
    compared,
  ]
}

function stepsOf(
  head: Graph,
  of: (section: Section) => readonly Finding[],
  { base, baseNotes, operations, operationNotes, lint, owners }: CheckInputs,
): readonly Step[] {
  const compared = 'why' in base ? null : base
  const types = Object.keys(head.apiSchema.getTypeMap()).filter((name) => !name.startsWith('__')).length
  return [
    {
      section: 'subgraphs',
      summary: `${counted(head.subgraphs.length, 'subgraph')}, each valid by itself.`,
      findings: of('subgraphs'),
    },
    {
      section: 'composition',
      summary: `Composed to ${counted(types, 'type')}.`,
      findings: of('composition'),
    },
    {
      section: 'changes',
      summary:
        'why' in base
          ? `Nothing is compared: ${base.why}.`
          : [`Compared with ${baseInWords(base.name)}.`, ...baseNotes].join(' '),
      findings: compared === null ? [] : compareGraphs(compared, head, operations),
    },
    {
      section: 'operations',
      summary: operationNotes.join(' '),
      findings: checkOperations(compared, head, operations),
    },
    {
      section: 'lint',
      summary: `${counted(lint.rules.size, 'rule')} set by the configuration, the others as recommended.`,
      findings: lintGraph(head, lint, owners),
    },
  ]
}

function summaryOfApprovals(judged: readonly JudgedFinding[]): string {
  const count = (type: string) => judged.filter(({ excuse }) => excuse?.type === type).length
  return `${counted(count('approved'), 'finding')} approved, ${count('baseline')} taken as given by the baseline.`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
