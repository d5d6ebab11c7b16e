import type { JudgedFinding, Section } from './finding.ts'

/** What a check says, whatever the format. Two checks of the same inputs give equal reports. */
export type Report = {
  /** What was compared: the names of both graphs; null where there is no base. */
  readonly base: string | null
  readonly head: string
  /** Every section in order, also those without findings. */
  readonly sections: readonly ReportSection[]
  readonly outcome: 'clean' | 'failed'
}

export type ReportSection = {
  readonly section: Section
  /** What was looked at, or why nothing was, in one sentence: `12 operations of 3 files, 4 recorded`. */
  readonly summary: string
  /** Failing ones first, then by grade, coordinate, code and key. */
  readonly findings: readonly JudgedFinding[]
}

/** The name of a base in a sentence, which a folder such as `..` would end. */
export function baseInWords(name: string): string {
  return name.endsWith('.') ? `"${name}"` : name
}
