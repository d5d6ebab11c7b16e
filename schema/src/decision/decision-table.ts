import type { Finding } from '../model/finding.ts'

export type FailOn = 'breaking' | 'dangerous'

/** A row of the one table that decides about exit codes. */
export type DecisionRow = {
  readonly condition: string
  /** What the report calls it. */
  readonly grade: string
  readonly exitCode: 0 | 1 | 2
  /** What the report says about it. */
  readonly note: string
}

/** A row about findings: the first one that applies decides. */
export type FindingRow = DecisionRow & {
  readonly applies: (finding: Finding, failOn: FailOn) => boolean
}

/** What is found decides by these rows, unless an approval or the baseline excuses it. */
export const FINDING_ROWS: readonly FindingRow[] = [
  {
    condition: 'an approval is past its day',
    grade: 'ERROR',
    exitCode: 1,
    note: 'who gave it and why; it excuses nothing any more',
    applies: ({ section, grade }) => section === 'approvals' && grade === 'ERROR',
  },
  {
    condition: 'a breaking change that no operation uses, where enough usage was recorded to say so',
    grade: 'downgraded from BREAKING',
    exitCode: 0,
    note: 'that it breaks nobody, and within which window',
    applies: ({ downgradedFrom }) => downgradedFrom === 'BREAKING',
  },
  {
    condition: 'any other breaking change: it is used, or nobody knows whether it is',
    grade: 'BREAKING',
    exitCode: 1,
    note: 'the operations and clients that it breaks',
    applies: ({ grade }) => grade === 'BREAKING',
  },
  {
    condition: 'a dangerous change, with `--fail-on dangerous`',
    grade: 'DANGEROUS',
    exitCode: 1,
    note: 'what may behave differently',
    applies: ({ grade }, failOn) => grade === 'DANGEROUS' && failOn === 'dangerous',
  },
  {
    condition: 'a dangerous change',
    grade: 'DANGEROUS',
    exitCode: 0,
    note: 'what may behave differently',
    applies: ({ grade }) => grade === 'DANGEROUS',
  },
  {
    condition:
      'an error: a subgraph that is invalid, a graph that does not compose, an operation that is invalid, a lint rule of the level error',
    grade: 'ERROR',
    exitCode: 1,
    note: 'what is wrong, and where',
    applies: ({ grade }) => grade === 'ERROR',
  },
  {
    condition: 'a safe change',
    grade: 'SAFE',
    exitCode: 0,
    note: 'what was added',
    applies: ({ grade }) => grade === 'SAFE',
  },
  {
    condition:
      'a warning: a lint rule of the level warning, an approval or a removed subgraph that is not used',
    grade: 'WARNING',
    exitCode: 0,
    note: 'what to do',
    applies: ({ grade }) => grade === 'WARNING',
  },
  {
    condition: 'a note: a hint of composition, an entry of the baseline that is not found any more',
    grade: 'NOTE',
    exitCode: 0,
    note: 'what to know',
    applies: ({ grade }) => grade === 'NOTE',
  },
]

/** What goes before the rows about findings. */
const FIRST_ROWS: readonly DecisionRow[] = [
  {
    condition:
      'the check could not be made: an input that cannot be read, an unknown key, a pattern that matches nothing, a git ref that is not there',
    grade: 'none',
    exitCode: 2,
    note: 'file, line, and what was expected',
  },
  {
    condition:
      'what would fail has an approval that is not past its day, or is an operation that broke by approved changes only',
    grade: 'as found',
    exitCode: 0,
    note: 'who approved it, why, and until when',
  },
  {
    condition: 'an error about the graph as it is, and not about a change, that stands in the baseline',
    grade: 'ERROR',
    exitCode: 0,
    note: 'that it was there before the baseline was written',
  },
]

/** The decision table of the documentation, as Markdown. */
export function renderDecisionTable(): string {
  const rows = [...FIRST_ROWS, ...FINDING_ROWS].map(
    ({ condition, grade, exitCode, note }) => `| ${condition} | ${grade} | ${exitCode} | ${note} |`,
  )
  return `| condition | grade | exit code | the report says |\n|---|---|---|---|\n${rows.join('\n')}\n`
}
