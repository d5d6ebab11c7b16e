import type { Problem } from '../model/cannot-check.ts'
import type { Grade, JudgedFinding } from '../model/finding.ts'
import type { Report, ReportSection } from '../model/report.ts'
import { printLocation } from '../model/source.ts'
import { logLines, logText } from './log-text.ts'
import {
  approvalOf,
  clientsOf,
  counted,
  excuseOf,
  gradeOf,
  listed,
  operationOf,
  outcomeOf,
  SECTION_TITLES,
  subjectOf,
  usageOf,
} from './wording.ts'

/** So many operations of a finding are named; the JSON format has all. */
const MOST_OPERATIONS = 5
/** So many findings of a section that ask nobody to do anything are listed. */
const MOST_QUIET = 50

const COLORS = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const
type Color = keyof typeof COLORS
type Paint = (color: Color, text: string) => string

const COLOR_OF_GRADE: Readonly<Record<Grade, Color>> = {
  BREAKING: 'red',
  ERROR: 'red',
  DANGEROUS: 'yellow',
  WARNING: 'yellow',
  SAFE: 'green',
  NOTE: 'dim',
}

/** For a terminal or a log: lines are short, and no line depends on the width. */
export function renderText(report: Report, { colors }: { readonly colors: boolean }): string {
  const paint = painter(colors)
  const lines = [paint('bold', logText(subjectOf(report)))]
  for (const section of report.sections) lines.push('', ...sectionLines(section, paint))
  if (report.sections.some(({ findings }) => findings.some((finding) => approvalOf(finding) !== null))) {
    lines.push(
      '',
      'To approve a finding, add its line below `approvals:` in the file that `check.approvals` of the config names.',
    )
  }
  lines.push('', paint(report.outcome === 'clean' ? 'green' : 'red', outcomeOf(report)))
  return `${lines.join('\n')}\n`
}

export function renderTextProblems(problems: readonly Problem[], colors: boolean): string {
  const paint = painter(colors)
  const lines = problems.flatMap(({ location, message, expected }) => [
    '',
    ...(location === null ? [] : [logText(printLocation(location))]),
    ...indented(logLines(message), ''),
    ...indented(logLines(expected), 'expected: '),
  ])
  const outcome = `Could not check: ${counted(problems.length, 'problem')}. Nothing is said of the schema.`
  return `${[paint('red', outcome), ...lines].join('\n')}\n`
}

function sectionLines({ section, summary, findings }: ReportSection, paint: Paint): readonly string[] {
  const quiet = findings.filter(isQuiet)
  const left = quiet.length - MOST_QUIET
  return [
    paint('bold', SECTION_TITLES[section]),
    ...indented(logLines(summary), ''),
    ...findings.filter((finding) => !isQuiet(finding)).flatMap((finding) => findingLines(finding, paint)),
    ...quiet.slice(0, MOST_QUIET).flatMap((finding) => headLines(finding, paint)),
    ...(left > 0 ? [`  and ${counted(left, 'more such finding')}, which the JSON format has`] : []),
  ]
}

/** What asks nobody to do anything is told in short. */
function isQuiet({ grade, fails, excuse, downgradedFrom }: JudgedFinding): boolean {
  return !fails && excuse === null && downgradedFrom === undefined && (grade === 'SAFE' || grade === 'NOTE')
}

function headLines(finding: JudgedFinding, paint: Paint): readonly string[] {
  const mark = finding.fails ? paint('red', 'FAIL') : (finding.excuse?.type ?? 'pass')
  const grade = paint(COLOR_OF_GRADE[finding.grade], gradeOf(finding))
  const about = finding.coordinate === null ? '' : ` ${paint('bold', logText(finding.coordinate))}`
  return [`  ${mark} ${grade}${about} ${logText(finding.code)}`, ...indented(logLines(finding.message), '  ')]
}

function findingLines(finding: JudgedFinding, paint: Paint): readonly string[] {
  const { reason, location, subgraphs, affected, owners, excuse, fingerprint } = finding
  const approval = approvalOf(finding)
  const clients = clientsOf(affected)
  const left = affected.length - MOST_OPERATIONS
  return [
    ...headLines(finding, paint),
    ...indented(logLines(reason), '  why: '),
    ...(location === null ? [] : [`    at: ${logText(printLocation(location))}`]),
    ...(subgraphs.length === 0 ? [] : [`    subgraphs: ${logText(subgraphs.join(', '))}`]),
    ...(affected.length === 0 ? [] : [`    affects: ${usageOf(affected)}`]),
    ...affected.slice(0, MOST_OPERATIONS).map((operation) => `      ${logText(operationOf(operation))}`),
    ...(left > 0 ? [`      and ${counted(left, 'more operation')}`] : []),
    ...(clients.length === 0 ? [] : [`    clients: ${logText(listed(clients, 10, 'client'))}`]),
    ...(owners.length === 0 ? [] : [`    ask: ${logText(owners.join(', '))}`]),
    ...(excuse === null ? [] : [`    excused: ${logText(excuseOf(excuse))}`]),
    `    fingerprint: ${logText(fingerprint)}`,
    ...(approval === null ? [] : [`    to approve: ${logText(approval)}`]),
  ]
}

/** Further lines stand deeper than the first, so that none can pass for a line of its own. */
function indented(lines: readonly string[], label: string): readonly string[] {
  return lines.map((line, index) => (index === 0 ? `  ${label}${line}` : `      ${line}`).trimEnd())
}

function painter(colors: boolean): Paint {
  return (color, text) => (colors ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text)
}
