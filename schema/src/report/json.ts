import type { Problem } from '../model/cannot-check.ts'
import { GRADES, type JudgedFinding } from '../model/finding.ts'
import type { Report } from '../model/report.ts'
import { findingsOf, TOOL } from './wording.ts'

/** Raised when a field is renamed, removed or means something else; new fields alone do not raise it. */
const VERSION = 1

/** For programs; `report.schema.json` describes it. */
export function renderJson(report: Report): string {
  const findings = findingsOf(report)
  return printed({
    tool: TOOL,
    version: VERSION,
    outcome: report.outcome,
    exitCode: report.outcome === 'clean' ? 0 : 1,
    base: report.base,
    head: report.head,
    counts: {
      findings: findings.length,
      failing: findings.filter(({ fails }) => fails).length,
      approved: findings.filter(({ excuse }) => excuse?.type === 'approved').length,
      baseline: findings.filter(({ excuse }) => excuse?.type === 'baseline').length,
      byGrade: Object.fromEntries(
        GRADES.map((grade) => [grade, findings.filter((finding) => finding.grade === grade).length]),
      ),
    },
    sections: report.sections.map(({ section, summary, findings }) => ({
      section,
      summary,
      findings: findings.map(findingJson),
    })),
  })
}

export function renderJsonProblems(problems: readonly Problem[]): string {
  return printed({
    tool: TOOL,
    version: VERSION,
    outcome: 'cannot-check',
    exitCode: 2,
    problems: problems.map(({ location, message, expected }) => ({ message, expected, location })),
  })
}

/** Every field is named, so that the order is always the same and nothing gets in that the JSON Schema lacks. */
function findingJson(finding: JudgedFinding): object {
  return {
    code: finding.code,
    grade: finding.grade,
    downgradedFrom: finding.downgradedFrom ?? null,
    fails: finding.fails,
    coordinate: finding.coordinate,
    message: finding.message,
    reason: finding.reason,
    location: finding.location,
    subgraphs: finding.subgraphs,
    owners: finding.owners,
    affected: finding.affected.map(({ name, id, clients, count, lastSeen }) => ({
      name,
      id,
      clients,
      count,
      lastSeen,
    })),
    key: finding.key ?? null,
    fingerprint: finding.fingerprint,
    excuse: finding.excuse,
    causes: finding.causes,
  }
}

/** JSON in which every character that a terminal obeys is escaped: logs show such files too. */
function printed(value: object): string {
  return `${JSON.stringify(value, null, 2).replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}
