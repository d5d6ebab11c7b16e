import type { Problem } from '../model/cannot-check.ts'
import type { JudgedFinding } from '../model/finding.ts'
import type { Report, ReportSection } from '../model/report.ts'
import { printLocation, type SourceLocation } from '../model/source.ts'
import { placeOf } from './place.ts'
import {
  approvalOf,
  counted,
  excuseOf,
  gradeOf,
  operationOf,
  SECTION_TITLES,
  subjectOf,
  TOOL,
  usageOf,
} from './wording.ts'

/** So many operations of a finding are named; the JSON format has all. */
const MOST_OPERATIONS = 5

type TestCase = {
  readonly name: string
  readonly location: SourceLocation | null
  /** What it says of itself besides that it ran: the element's name, its attributes and its text. */
  readonly result: {
    readonly element: 'failure' | 'error' | 'skipped' | 'system-out'
    readonly attributes: Readonly<Record<string, string>>
    readonly text: string
  } | null
}
type TestSuite = { readonly name: string; readonly cases: readonly TestCase[] }

/** For CI systems that show JUnit: a suite for each section, a test for each finding. */
export function renderJunit(report: Report): string {
  return printed(
    subjectOf(report),
    report.sections.map((section) => suiteOf(section, report.base)),
  )
}

/** Each problem is an error, and there is one even without problems, so that nobody takes the file for a green one. */
export function renderJunitProblems(problems: readonly Problem[]): string {
  const cases = problems.map(({ location, message, expected }, index): TestCase => {
    const place = location === null ? '' : `${printLocation(location)}: `
    const text = `${place}${message}\nExpected: ${expected}`
    return {
      name: `problem ${index + 1}: ${message}`,
      location,
      result: { element: 'error', attributes: { message, type: 'CANNOT_CHECK' }, text },
    }
  })
  const unknown: TestCase = {
    name: 'could not check',
    location: null,
    result: { element: 'error', attributes: { message: 'Could not check', type: 'CANNOT_CHECK' }, text: '' },
  }
  const suite = { name: 'Could not check', cases: cases.length === 0 ? [unknown] : cases }
  return printed('Could not check the schema', [suite])
}

/** A section without findings has one test that passes: CI systems leave empty suites out. */
function suiteOf({ section, summary, findings }: ReportSection, base: string | null): TestSuite {
  const looked: TestCase = {
    name: 'looked at',
    location: null,
    result: { element: 'system-out', attributes: {}, text: summary },
  }
  return {
    name: SECTION_TITLES[section],
    cases: [looked, ...findings.map((finding) => caseOf(finding, base))],
  }
}

/** The name has no line and no count, so that CI systems see that a finding was there before. */
function caseOf(finding: JudgedFinding, base: string | null): TestCase {
  const { code, coordinate, fingerprint, location, message, excuse, fails } = finding
  const name = `${coordinate === null ? '' : `${coordinate} `}${code} (${fingerprint})`
  const place = location === null ? null : placeOf(location, base)
  if (fails) {
    const text = detailsOf(finding)
    const attributes = { message: `${gradeOf(finding)}: ${message}`, type: code }
    return { name, location: place, result: { element: 'failure', attributes, text } }
  }
  if (excuse !== null) {
    const attributes = { message: excuseOf(excuse) }
    return { name, location: place, result: { element: 'skipped', attributes, text: detailsOf(finding) } }
  }
  return {
    name,
    location: place,
    result: { element: 'system-out', attributes: {}, text: detailsOf(finding) },
  }
}

function detailsOf(finding: JudgedFinding): string {
  const { message, reason, location, affected, owners, fingerprint } = finding
  const approval = approvalOf(finding)
  const left = affected.length - MOST_OPERATIONS
  return [
    `${gradeOf(finding)}: ${message}`,
    `Why: ${reason}`,
    ...(location === null ? [] : [`At: ${printLocation(location)}`]),
    ...(affected.length === 0 ? [] : [`Affects: ${usageOf(affected)}`]),
    ...affected.slice(0, MOST_OPERATIONS).map((operation) => `  ${operationOf(operation)}`),
    ...(left > 0 ? [`  and ${counted(left, 'more operation')}`] : []),
    ...(owners.length === 0 ? [] : [`Ask: ${owners.join(', ')}`]),
    `Fingerprint: ${fingerprint}`,
    ...(approval === null ? [] : [`To approve: ${approval}`]),
  ].join('\n')
}

function printed(name: string, suites: readonly TestSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...countsOf(all) })}>`,
    ...suites.flatMap((suite) => [
      `  <testsuite${attributes({ name: suite.name, ...countsOf(suite.cases) })}>`,
      ...suite.cases.flatMap((testCase) => caseLines(suite.name, testCase)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function caseLines(suite: string, { name, location, result }: TestCase): readonly string[] {
  const place = location === null ? {} : { file: location.file, line: String(location.line) }
  const opening = `    <testcase${attributes({ classname: `${TOOL}.${suite}`, name, time: '0', ...place })}`
  if (result === null) return [`${opening}/>`]
  const { element, text } = result
  return [
    `${opening}>`,
    `      <${element}${attributes(result.attributes)}>${escaped(text)}</${element}>`,
    '    </testcase>',
  ]
}

function countsOf(cases: readonly TestCase[]): Readonly<Record<string, string>> {
  const count = (element: string) => String(cases.filter(({ result }) => result?.element === element).length)
  return {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: '0',
  }
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(value).replaceAll(/[\t\n]/g, (space) => `&#${space.charCodeAt(0)};`)}"`,
    )
    .join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** XML 1.0 has no way to write most control characters and U+FFFE, U+FFFF. */
function escaped(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\t\n]|\p{Cf}|[\u2028\u2029]/gu, ' ')
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
