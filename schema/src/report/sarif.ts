import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Problem } from '../model/cannot-check.ts'
import type { Excuse, JudgedFinding } from '../model/finding.ts'
import type { Report } from '../model/report.ts'
import { printLocation, type SourceLocation } from '../model/source.ts'
import { logLines } from './log-text.ts'
import { placeOf } from './place.ts'
import {
  approvalOf,
  excuseOf,
  findingsOf,
  gradeOf,
  operationOf,
  SECTION_TITLES,
  severityOf,
  subjectOf,
  TOOL,
  usageOf,
} from './wording.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'
/** What paths are relative to: the root of the checkout. */
const ROOT = '%SRCROOT%'
const CANNOT_CHECK = 'CANNOT_CHECK'

/** What is known of a code besides the findings that have it. */
export type HelpOf = (code: string) => string | null

export type SarifOptions = {
  readonly helpOf: HelpOf
  /** The file that stands for findings without a place, such as the config file: GitHub shows none without. */
  readonly fallbackFile: string | null
}

/** SARIF 2.1.0. Safe changes are left out: code scanning would open an alert for each. */
export function renderSarif(report: Report, options: SarifOptions): string {
  const findings = findingsOf(report).filter((finding) => severityOf(finding) !== 'none')
  const byCode = new Map<string, JudgedFinding>()
  for (const finding of findings) if (!byCode.has(finding.code)) byCode.set(finding.code, finding)
  const codes = [...byCode.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  const indexes = new Map(codes.map((code, index) => [code, index]))
  return printed({
    rules: [...byCode.values()]
      .toSorted((a, b) => (a.code < b.code ? -1 : 1))
      .map((finding) => ruleOf(finding, options.helpOf)),
    results: findings.map((finding) =>
      resultOf(finding, indexes.get(finding.code) ?? -1, report.base, options),
    ),
    invocation: {
      executionSuccessful: true,
      exitCode: report.outcome === 'clean' ? 0 : 1,
      exitCodeDescription: report.outcome,
    },
    description: subjectOf(report),
  })
}

/** A run that was not successful, and results all the same: some readers look at nothing else. */
export function renderSarifProblems(problems: readonly Problem[], fallbackFile: string | null): string {
  const texts = problems.map(({ message, expected }) => textOf(`${message}\nExpected: ${expected}`))
  const results = problems.map(({ location }, index) => ({
    ruleId: CANNOT_CHECK,
    ruleIndex: 0,
    level: 'error',
    message: { text: texts[index] },
    ...locationsOf(location, null, null, fallbackFile),
  }))
  return printed({
    rules: [
      {
        id: CANNOT_CHECK,
        shortDescription: { text: 'The schema could not be checked' },
        fullDescription: { text: 'An input is missing, unreadable or not what it should be.' },
        help: { text: 'Mend what the message names. Until then nothing is said of the schema.' },
        defaultConfiguration: { level: 'error' },
      },
    ],
    results:
      results.length > 0
        ? results
        : [{ ruleId: CANNOT_CHECK, ruleIndex: 0, level: 'error', message: { text: 'Could not check' } }],
    invocation: {
      executionSuccessful: false,
      exitCode: 2,
      exitCodeDescription: 'cannot-check',
      toolExecutionNotifications: problems.map(({ location }, index) => ({
        level: 'error',
        message: { text: texts[index] },
        ...locationsOf(location, null, null, fallbackFile),
      })),
    },
    description: 'Could not check the schema',
  })
}

type Run = {
  readonly rules: readonly object[]
  readonly results: readonly object[]
  readonly invocation: object
  readonly description: string
}

function printed({ rules, results, invocation, description }: Run): string {
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: TOOL, rules } },
        automationDetails: { id: `${TOOL}/`, description: { text: description } },
        invocations: [invocation],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(finding: JudgedFinding, helpOf: HelpOf): object {
  const { code, section } = finding
  const help = helpOf(code) ?? finding.reason
  return {
    id: code,
    name: pascalCase(code),
    shortDescription: { text: `${SECTION_TITLES[section]}: ${code.toLowerCase().replaceAll(/[_-]/g, ' ')}` },
    fullDescription: { text: textOf(finding.reason) },
    help: { text: textOf(help) },
    defaultConfiguration: { level: severityOf(finding) },
    properties: { tags: ['graphql', section] },
  }
}

/** `FIELD_REMOVED` and `nullability-blast-radius` as SARIF wants names: `FieldRemoved`, `NullabilityBlastRadius`. */
function pascalCase(code: string): string {
  return code
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`)
    .join('')
}

function resultOf(
  finding: JudgedFinding,
  ruleIndex: number,
  base: string | null,
  { fallbackFile }: SarifOptions,
): object {
  const { code, location, coordinate, fingerprint, section, owners, excuse } = finding
  return {
    ruleId: code,
    ruleIndex,
    level: severityOf(finding),
    message: { text: messageOf(finding) },
    ...locationsOf(location, coordinate, base, fallbackFile),
    // GitHub recognizes an alert by the first of these, and by nothing else.
    partialFingerprints: { primaryLocationLineHash: fingerprint, 'bulkheadFinding/v1': fingerprint },
    suppressions: excuse === null ? [] : [suppressionOf(excuse)],
    properties: {
      section,
      grade: finding.grade,
      fails: finding.fails,
      coordinate,
      owners,
      approval: approvalOf(finding),
    },
  }
}

function suppressionOf(excuse: Excuse): object {
  return { kind: 'external', status: 'accepted', justification: textOf(excuseOf(excuse)) }
}

function messageOf(finding: JudgedFinding): string {
  const { message, reason, affected, owners } = finding
  return textOf(
    [
      message,
      `${gradeOf(finding)}: ${reason}`,
      ...(affected.length === 0 ? [] : [`Affects ${usageOf(affected)}.`]),
      ...affected.slice(0, 5).map(operationOf),
      ...(owners.length === 0 ? [] : [`Ask ${owners.join(', ')}.`]),
    ].join('\n'),
  )
}

/**
 * SARIF reads `[text](1)` in a message as a link and `{0}` as a place for an argument. A space keeps it from that; the
 * escapes that SARIF has would be shown by the readers that do not know them.
 */
function textOf(text: string): string {
  return logLines(text)
    .join('\n')
    .replaceAll('](', '] (')
    .replaceAll(/\{(?=\d+\})/g, '{ ')
}

function locationsOf(
  location: SourceLocation | null,
  coordinate: string | null,
  base: string | null,
  fallbackFile: string | null,
): object {
  const logical =
    coordinate === null ? {} : { logicalLocations: [{ fullyQualifiedName: coordinate, kind: 'member' }] }
  const place = location === null ? null : placeOf(location, base)
  const file = place?.file ?? fallbackFile
  if (file === null) return coordinate === null ? {} : { locations: [logical] }
  const region =
    place === null || !place.isCurrent ? {} : { region: { startLine: place.line, startColumn: place.column } }
  const old =
    location === null || place?.isCurrent !== false
      ? {}
      : { message: { text: textOf(`In the base: ${printLocation(location)}`) } }
  return {
    locations: [{ physicalLocation: { artifactLocation: artifactOf(file), ...region }, ...logical, ...old }],
  }
}

function artifactOf(file: string): object {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href }
  const uri = file
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
  return { uri, uriBaseId: ROOT }
}
