import {
  type AffectedOperation,
  type Excuse,
  type Finding,
  GRADES,
  type JudgedFinding,
  type Section,
} from '../model/finding.ts'
import { baseInWords, type Report } from '../model/report.ts'

/** What reports call themselves. */
export const TOOL = 'bulkhead-schema'

export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  subgraphs: 'Subgraphs',
  composition: 'Composition',
  changes: 'Changes',
  operations: 'Operations',
  lint: 'Lint',
  contracts: 'Contracts',
  approvals: 'Approvals',
}

/** What is invalid by itself, or is about approvals, cannot be approved. */
const APPROVABLE: ReadonlySet<Section> = new Set(['changes', 'operations', 'lint', 'contracts'])

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export function findingsOf(report: Report): readonly JudgedFinding[] {
  return report.sections.flatMap(({ findings }) => findings)
}

/** `Schema check of head against origin/main`. */
export function subjectOf({ base, head }: Report): string {
  return `Schema check of ${head}${base === null ? ', without a base to compare with' : ` against ${baseInWords(base)}`}`
}

/** What came out, in one sentence: `Failed: 2 of 14 findings fail the check (1 BREAKING, 1 ERROR).` */
export function outcomeOf(report: Report): string {
  const findings = findingsOf(report)
  const failing = findings.filter(({ fails }) => fails)
  if (report.outcome === 'failed') {
    const verb = failing.length === 1 ? 'fails' : 'fail'
    return `Failed: ${failing.length} of ${counted(findings.length, 'finding')} ${verb} the check (${gradeCounts(failing)}).`
  }
  const rest = findings.length === 0 ? '' : ` (${gradeCounts(findings)})`
  return `Clean: none of ${counted(findings.length, 'finding')} fails the check${rest}.`
}

/** `1 BREAKING, 2 ERROR`, worst first. */
export function gradeCounts(findings: readonly Finding[]): string {
  return GRADES.map((grade) => ({
    grade,
    count: findings.filter((finding) => finding.grade === grade).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ grade, count }) => `${count} ${grade}`)
    .join(', ')
}

export function gradeOf({ grade, downgradedFrom }: Finding): string {
  return downgradedFrom === undefined ? grade : `${grade} (otherwise ${downgradedFrom})`
}

export function excuseOf(excuse: Excuse): string {
  return excuse.type === 'baseline'
    ? 'in the baseline: it was there before the check was'
    : `approved by ${excuse.by} until ${excuse.expires}: ${excuse.reason}`
}

/** How many operations a finding touches, and what is recorded of them: `3 operations, sent 1200 times`. */
export function usageOf(affected: readonly AffectedOperation[]): string {
  const counts = affected.flatMap(({ count }) => (count === null ? [] : [count]))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const recorded = counts.length === 0 ? 'no usage recorded' : `sent ${counted(total, 'time')}`
  return `${counted(affected.length, 'operation')}, ${recorded}`
}

/** The clients of all these operations, sorted. */
export function clientsOf(affected: readonly AffectedOperation[]): readonly string[] {
  return [...new Set(affected.flatMap(({ clients }) => clients))].toSorted((a, b) => (a < b ? -1 : 1))
}

/** `GetItem: sent 12 times by web@1, last seen 2026-11-01T10:00:00Z`. */
export function operationOf({ name, clients, count, lastSeen }: AffectedOperation): string {
  if (count === null) return name
  const by = clients.length === 0 ? '' : ` by ${listed(clients, 5, 'client')}`
  return `${name}: sent ${counted(count, 'time')}${by}${lastSeen === null ? '' : `, last seen ${lastSeen}`}`
}

/** The first few of a list, and how many there are besides. */
export function listed(texts: readonly string[], most: number, noun: string): string {
  if (texts.length <= most) return texts.join(', ')
  return `${texts.slice(0, most).join(', ')} and ${counted(texts.length - most, `more ${noun}`)}`
}

/**
 * The entry of the file of approvals that would let a finding pass; null for what cannot be approved, or passes with what
 * caused it.
 */
export function approvalOf({ section, fails, fingerprint, causes }: JudgedFinding): string | null {
  if (!fails || causes.length > 0 || !APPROVABLE.has(section)) return null
  // Quoted, because YAML takes some hexadecimal digits for a number.
  return `- { fingerprint: '${fingerprint}', reason: 'WHY', by: 'WHO', expires: 'YYYY-MM-DD' }`
}

export type Severity = 'error' | 'warning' | 'note' | 'none'

/** How loud the formats of other tools say a finding; an excused one keeps what its grade deserves. */
export function severityOf({ grade, fails, excuse, downgradedFrom }: JudgedFinding): Severity {
  if (fails) return 'error'
  if (grade === 'SAFE') return downgradedFrom === undefined ? 'none' : 'note'
  if (grade === 'NOTE') return 'note'
  return excuse !== null && (grade === 'BREAKING' || grade === 'ERROR') ? 'error' : 'warning'
}
