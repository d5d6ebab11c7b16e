import type { Problem } from '../model/cannot-check.ts'
import type { JudgedFinding } from '../model/finding.ts'
import type { Report } from '../model/report.ts'
import { printLocation, type SourceLocation } from '../model/source.ts'
import { linesOf, logText } from './log-text.ts'
import { placeOf } from './place.ts'
import {
  approvalOf,
  counted,
  gradeOf,
  operationOf,
  outcomeOf,
  severityOf,
  subjectOf,
  TOOL,
  usageOf,
} from './wording.ts'

/** GitHub shows so many annotations of each level that one step writes, and drops the others without a word. */
const MOST_ANNOTATIONS = 10

type Level = 'error' | 'warning' | 'notice'
type Annotation = {
  readonly level: Level
  readonly title: string
  readonly lines: readonly string[]
  readonly location: SourceLocation | null
  readonly base: string | null
}

/** Workflow commands that make annotations, then what came out: for a step of GitHub Actions. */
export function renderGithub(report: Report): string {
  const annotations = report.sections
    .flatMap(({ findings }) => findings)
    .flatMap((finding) => annotationOf(finding, report.base))
  return `${[...boundedLines(annotations), logText(subjectOf(report)), outcomeOf(report)].join('\n')}\n`
}

export function renderGithubProblems(problems: readonly Problem[]): string {
  const annotations = problems.map(({ location, message, expected }): Annotation => {
    const lines = [...linesOf(message), ...linesOf(`Expected: ${expected}`)]
    return { level: 'error', title: 'Could not check the schema', lines, location, base: null }
  })
  const outcome = `Could not check: ${counted(problems.length, 'problem')}. Nothing is said of the schema.`
  const [first] = annotations
  return `${[...(first === undefined ? [`::error title=${TOOL}::${outcome}`] : boundedLines(annotations)), outcome].join('\n')}\n`
}

/** What is safe, approved or in the baseline asks nobody to look. */
function annotationOf(finding: JudgedFinding, base: string | null): Annotation[] {
  const severity = severityOf(finding)
  if (severity === 'none' || finding.excuse !== null) return []
  const { message, reason, affected, owners, coordinate, code, location } = finding
  const approval = approvalOf(finding)
  const lines = [
    ...linesOf(message),
    ...linesOf(reason),
    ...(affected.length === 0 ? [] : [`Affects ${usageOf(affected)}.`]),
    ...affected.slice(0, 3).map(operationOf),
    ...(owners.length === 0 ? [] : [`Ask ${owners.join(', ')}.`]),
    ...(approval === null ? [] : [`To approve: ${approval}`]),
  ]
  const title = `${gradeOf(finding)} ${coordinate ?? ''} ${code}`.replaceAll(/ +/g, ' ')
  return [{ level: severity === 'note' ? 'notice' : severity, title, lines, location, base }]
}

function boundedLines(annotations: readonly Annotation[]): readonly string[] {
  return (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const ofLevel = annotations.filter((annotation) => annotation.level === level)
    if (ofLevel.length <= MOST_ANNOTATIONS) return ofLevel.map(commandOf)
    const shown = ofLevel.slice(0, MOST_ANNOTATIONS - 1)
    const left = `${counted(ofLevel.length - shown.length, `more ${level}`)}: GitHub shows ${MOST_ANNOTATIONS} of a step. The other formats have them all.`
    return [...shown.map(commandOf), `::${level} title=${TOOL}::${data(left)}`]
  })
}

function commandOf({ level, title, lines, location, base }: Annotation): string {
  const place = location === null ? null : placeOf(location, base)
  const at =
    place === null
      ? []
      : [
          `file=${property(place.file)}`,
          ...(place.isCurrent ? [`line=${place.line}`, `col=${place.column}`] : []),
        ]
  const where =
    location !== null && place?.isCurrent === false ? [`In the base: ${printLocation(location)}`] : []
  const text = data([...lines, ...where].map((line) => logText(line)).join('\n'))
  return `::${level} ${[...at, `title=${property(title)}`].join(',')}::${text}`
}

/** The runner takes `%`, line breaks and, in properties, `:` and `,` for its own. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(logText(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
