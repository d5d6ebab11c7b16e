import { plainText } from '@bulkhead/service/plain-text'
import type { Problem } from '../model/cannot-check.ts'
import type { JudgedFinding } from '../model/finding.ts'
import type { Report, ReportSection } from '../model/report.ts'
import { printLocation } from '../model/source.ts'
import { markdownCode, markdownSentences } from './markdown-text.ts'
import {
  approvalOf,
  clientsOf,
  counted,
  excuseOf,
  findingsOf,
  gradeCounts,
  gradeOf,
  listed,
  outcomeOf,
  SECTION_TITLES,
  subjectOf,
  TOOL,
  usageOf,
} from './wording.ts'

/** The first line, by which a job finds the comment again that it wrote before. */
export const COMMENT_MARKER = `<!-- ${TOOL} -->`

/** GitHub refuses comments of more than 65,536 characters; a job may add a few lines of its own. */
const MOST_CHARACTERS = 60_000
/** What the closing lines may need. */
const RESERVE = 1_000
/** A text in a comment is cut after so many characters. */
const MOST_OF_A_TEXT = 400

/** A comment on a merge request: what fails first and whole, all else folded. */
export function renderMarkdown(report: Report): string {
  const page = boundedPage(MOST_CHARACTERS - RESERVE)
  const failing = findingsOf(report).filter(({ fails }) => fails)
  page.add([
    COMMENT_MARKER,
    `## Schema check ${report.outcome === 'clean' ? 'passed' : 'failed'}`,
    '',
    `${prose(outcomeOf(report))} ${prose(subjectOf(report))}.`,
  ])
  if (failing.length > 0) {
    page.table(
      ['', '| | Where | What and why | Affects | Ask |', '|---|---|---|---|---|'],
      failing.map(failingRow),
      [],
    )
    const approvals = failing.flatMap((finding) => {
      const approval = approvalOf(finding)
      return approval === null ? [] : [`${approval} # ${plainText(cut(finding.coordinate ?? finding.code))}`]
    })
    if (approvals.length > 0) {
      page.table(
        folded(
          'To approve',
          'Add below `approvals:` in the file that `check.approvals` of the config names:',
          '```yaml',
        ),
        approvals,
        ['```', '', '</details>'],
      )
    }
  }
  page.table(
    folded('What was looked at', '| | Looked at | Findings |', '|---|---|---|'),
    report.sections.map(sectionRow),
    ['', '</details>'],
  )
  for (const { section, findings } of report.sections) {
    const rest = findings.filter(({ fails }) => !fails)
    if (rest.length === 0) continue
    const title = `${SECTION_TITLES[section]}: ${gradeCounts(rest)}, which ${rest.length === 1 ? 'does' : 'do'} not fail`
    page.table(folded(title), rest.map(passingItem), ['', '</details>'])
  }
  return page.text()
}

export function renderMarkdownProblems(problems: readonly Problem[]): string {
  const page = boundedPage(MOST_CHARACTERS - RESERVE)
  page.add([
    COMMENT_MARKER,
    '## Schema check could not be made',
    '',
    `${counted(problems.length, 'problem')}. Nothing is said of the schema.`,
    '',
  ])
  page.table(
    ['| Where | What is wrong | Expected |', '|---|---|---|'],
    problems.map(({ location, message, expected }) => {
      const place = location === null ? '' : markdownCode(printLocation(location))
      return `| ${place} | ${prose(message)} | ${prose(expected)} |`
    }),
    [],
  )
  return page.text()
}

function failingRow(finding: JudgedFinding): string {
  const { message, reason, affected, owners } = finding
  const clients = clientsOf(affected)
  const affects = affected.length === 0 ? [] : [usageOf(affected)]
  const names = affected.slice(0, 5).map(({ name }) => markdownCode(cut(name)))
  const more = affected.length > 5 ? [counted(affected.length - 5, 'more operation')] : []
  const cells = [
    `**${gradeOf(finding)}**<br>${markdownCode(finding.code)}`,
    placeLines(finding).join('<br>'),
    `${prose(message)}<br>${prose(reason)}`,
    [
      ...affects,
      ...names,
      ...more,
      ...(clients.length === 0 ? [] : [`by ${prose(listed(clients, 5, 'client'))}`]),
    ].join('<br>'),
    owners.map((owner) => markdownCode(cut(owner))).join('<br>'),
  ]
  return `| ${cells.join(' | ')} |`
}

function placeLines({ coordinate, location, subgraphs }: JudgedFinding): readonly string[] {
  return [
    ...(coordinate === null ? [] : [markdownCode(cut(coordinate))]),
    ...(location === null ? [] : [markdownCode(cut(printLocation(location)))]),
    ...(subgraphs.length === 0 ? [] : [`in ${prose(listed(subgraphs, 5, 'subgraph'))}`]),
  ]
}

function passingItem(finding: JudgedFinding): string {
  const { coordinate, code, message, reason, affected, excuse } = finding
  const parts = [
    `**${gradeOf(finding)}** ${coordinate === null ? '' : `${markdownCode(cut(coordinate))} `}${markdownCode(code)}:`,
    prose(message),
    ...(finding.grade === 'SAFE' && finding.downgradedFrom === undefined ? [] : [prose(reason)]),
    ...(affected.length === 0 ? [] : [`Affects ${usageOf(affected)}.`]),
    ...(excuse === null ? [] : [`Passes: ${prose(excuseOf(excuse))}.`]),
  ]
  return `- ${parts.join(' ')}`
}

function sectionRow({ section, summary, findings }: ReportSection): string {
  return `| ${SECTION_TITLES[section]} | ${prose(summary)} | ${gradeCounts(findings) || 'none'} |`
}

/** Text of others, bounded. */
function prose(text: string): string {
  return markdownSentences(cut(text))
}

function cut(text: string): string {
  return text.length <= MOST_OF_A_TEXT ? text : `${text.slice(0, MOST_OF_A_TEXT).toWellFormed()}…`
}

function folded(title: string, ...lines: readonly string[]): readonly string[] {
  return ['', '<details>', `<summary>${title}</summary>`, '', ...lines]
}

/** A page that stays below a number of characters: rows that no longer fit are counted, and the end says so. */
function boundedPage(most: number) {
  const lines: string[] = []
  let length = 0
  let left = 0
  function add(more: readonly string[]): void {
    for (const line of more) {
      lines.push(line)
      length += line.length + 1
    }
  }
  function size(more: readonly string[]): number {
    return more.reduce((sum, line) => sum + line.length + 1, 0)
  }
  return {
    add,
    /** Lines before and after, with as many rows between as fit; nothing where not one does. */
    table(before: readonly string[], rows: readonly string[], after: readonly string[]): void {
      const frame = size(before) + size(after)
      let room = most - length - frame
      const fitting = rows.findIndex((row) => {
        room -= row.length + 1
        return room < 0
      })
      const shown = fitting === -1 ? rows : rows.slice(0, fitting)
      left += rows.length - shown.length
      if (shown.length > 0) add([...before, ...shown, ...after])
    },
    text(): string {
      const rest = `${counted(left, 'line')} did not fit into a comment: the report in another format has all of them.`
      return `${[...lines, ...(left > 0 ? ['', `**${rest}**`] : [])].join('\n')}\n`
    },
  }
}
