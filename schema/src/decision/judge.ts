import { compareTexts } from '../model/compare-texts.ts'
import {
  type Excuse,
  type Finding,
  GRADES,
  type JudgedFinding,
  type Owner,
  SECTIONS,
} from '../model/finding.ts'
import { onlyGrade } from '../model/only-grade.ts'
import type { SourceLocation } from '../model/source.ts'
import { APPROVAL_CODES, type ApprovalCode } from './approval-codes.ts'
import type { Approval } from './approvals.ts'
import { type Baseline, canBeGiven } from './baseline.ts'
import { createFindCauses } from './causes.ts'
import { type FailOn, FINDING_ROWS } from './decision-table.ts'
import { fingerprintOf } from './fingerprint.ts'

export type JudgeOptions = {
  readonly failOn: FailOn
  readonly ownersOf: (finding: Finding) => readonly Owner[]
  readonly approvals: readonly Approval[]
  readonly baseline: Baseline | null
  /** As YYYY-MM-DD, in UTC. */
  readonly today: string
}

/**
 * Says of each finding whether it fails the check, by the decision table, and adds what is to be said of the approvals and
 * the baseline. Sorted by section, then as in a report.
 */
export function judge(findings: readonly Finding[], options: JudgeOptions): readonly JudgedFinding[] {
  const { failOn, ownersOf, approvals, baseline, today } = options
  const approvalOf = new Map(approvals.map((approval) => [approval.fingerprint, approval]))
  const givens = new Set(baseline?.entries.map(({ fingerprint }) => fingerprint))
  const used = new Set<string>()
  const found = new Map<string, Finding>()

  const findCauses = createFindCauses(findings)

  const judged = findings.map((finding): JudgedFinding => {
    const fingerprint = fingerprintOf(finding)
    found.set(fingerprint, finding)
    let excuse: Excuse | null = null
    if (wouldFail(finding, failOn) && canBeExcused(finding)) {
      const approval = approvalOf.get(fingerprint)
      if (givens.has(fingerprint) && canBeGiven(finding)) excuse = { type: 'baseline' }
      else if (approval !== undefined) {
        used.add(fingerprint)
        if (!isExpired(approval, today)) excuse = excuseBy(approval)
      }
    }
    const fails = excuse === null && wouldFail(finding, failOn)
    const causes = findCauses(finding).map(fingerprintOf)
    return { ...finding, fingerprint, owners: ownersOf(finding), fails, excuse, causes }
  })
  const covered = coverOperations(judged)
  const aboutApprovals = approvals.flatMap((approval) =>
    approvalFindings(approval, today, used.has(approval.fingerprint), found.get(approval.fingerprint)),
  )
  const stale = (baseline?.entries ?? []).filter(({ fingerprint }) => !found.has(fingerprint))
  const aboutBaseline = stale.map(({ fingerprint, code, coordinate }) => {
    const message = `The baseline takes ${code} of ${coordinate ?? 'the graph'} as given, which is not found any more.`
    return note('BASELINE_STALE', message, coordinate, fingerprint, baseline?.location ?? null)
  })
  const added = [...aboutApprovals, ...aboutBaseline].map((finding) => ({
    ...finding,
    fingerprint: fingerprintOf(finding),
    owners: ownersOf(finding),
    fails: wouldFail(finding, failOn),
    excuse: null,
    causes: [],
  }))
  return [...covered, ...added].sort(compareFindings)
}

/** An operation that broke by approved changes only is approved with them, and for as long as all of them are. */
function coverOperations(judged: readonly JudgedFinding[]): readonly JudgedFinding[] {
  const byFingerprint = new Map(judged.map((finding) => [finding.fingerprint, finding]))
  return judged.map((finding): JudgedFinding => {
    if (finding.causes.length === 0) return finding
    const causes = finding.causes.flatMap((fingerprint) => byFingerprint.get(fingerprint) ?? [])
    const names = causes.map(({ code, coordinate }) => `${code} of ${coordinate ?? 'the graph'}`)
    const reason = `${finding.reason} It broke by ${names.join(' and ')}, and an approval of that approves this too.`
    if (!finding.fails) return { ...finding, reason }
    const excuses = causes.flatMap(({ excuse }) => (excuse?.type === 'approved' ? [excuse] : []))
    const [first] = excuses.toSorted((a, b) => compareTexts(a.expires, b.expires))
    if (first === undefined || excuses.length < causes.length) return { ...finding, reason }
    return { ...finding, reason, fails: false, excuse: first }
  })
}

/** A graph that does not compose cannot be served, whoever agrees to it. */
function canBeExcused({ section }: Finding): boolean {
  return section !== 'subgraphs' && section !== 'composition'
}

/** What the first row of the decision table that applies says. */
function wouldFail(finding: Finding, failOn: FailOn): boolean {
  return FINDING_ROWS.find(({ applies }) => applies(finding, failOn))?.exitCode !== 0
}

function isExpired({ expires }: Approval, today: string): boolean {
  return expires < today
}

function excuseBy({ by, reason, expires }: Approval): Excuse {
  return { type: 'approved', by, reason, expires }
}

function approvalFindings(
  approval: Approval,
  today: string,
  isUsed: boolean,
  finding: Finding | undefined,
): readonly Finding[] {
  const { fingerprint, by, reason, expires, location } = approval
  const what = finding ? `${finding.code} of ${finding.coordinate ?? 'the graph'}` : fingerprint
  const coordinate = finding?.coordinate ?? null
  if (isExpired(approval, today)) {
    const message = `The approval of ${what} by ${by} ("${reason}") held until ${expires}.`
    return [note('APPROVAL_EXPIRED', message, coordinate, fingerprint, location)]
  }
  if (isUsed) return []
  const why = finding ? 'does not fail the check' : 'is not found'
  const message = `The approval of ${what} by ${by} is not needed, because that ${why}.`
  return [note('APPROVAL_UNUSED', message, coordinate, fingerprint, location)]
}

function note(
  code: ApprovalCode,
  message: string,
  coordinate: string | null,
  key: string,
  location: SourceLocation | null,
): Finding {
  const { grade, reason } = onlyGrade(APPROVAL_CODES[code])
  return {
    section: 'approvals',
    code,
    grade,
    message,
    reason,
    coordinate,
    subgraphs: [],
    location,
    affected: [],
    key,
  }
}

/** By section; in it those that fail first, then by grade, coordinate, code, key and message. */
function compareFindings(a: JudgedFinding, b: JudgedFinding): number {
  return (
    SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) ||
    Number(b.fails) - Number(a.fails) ||
    GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade) ||
    compareTexts(a.coordinate ?? '', b.coordinate ?? '') ||
    compareTexts(a.code, b.code) ||
    compareTexts(a.key ?? '', b.key ?? '') ||
    compareTexts(a.message, b.message)
  )
}
