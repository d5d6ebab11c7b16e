import type { SourceLocation } from './source.ts'

/** The steps of a check in their order; each is a section of the report. */
export const SECTIONS = [
  'subgraphs',
  'composition',
  'changes',
  'operations',
  'lint',
  'contracts',
  'approvals',
] as const
export type Section = (typeof SECTIONS)[number]

/**
 * How bad a finding is.
 * BREAKING, DANGEROUS, SAFE: a change, by what it does to those who use the graph.
 * ERROR, WARNING, NOTE: something about the schema as it is now.
 */
export const GRADES = ['BREAKING', 'DANGEROUS', 'SAFE', 'ERROR', 'WARNING', 'NOTE'] as const
export type Grade = (typeof GRADES)[number]

/** An operation that a change touches. Usage that was recorded says who sends it and how often. */
export type AffectedOperation = {
  /** `anonymous` operations are named by the first characters of their id. */
  readonly name: string
  readonly id: string
  readonly clients: readonly string[]
  /** How often it was sent within the usage window; null where no usage was recorded for it. */
  readonly count: number | null
  /** UTC, ISO 8601. */
  readonly lastSeen: string | null
}

/** What a step of the check found. */
export type Finding = {
  readonly section: Section
  /** What kind of finding it is: stable, in the field's names, as in `FIELD_REMOVED` or `nullability-blast-radius`. */
  readonly code: string
  readonly grade: Grade
  /** What happened, in one sentence. */
  readonly message: string
  /** Why it has this grade, in one sentence. */
  readonly reason: string
  /** A schema coordinate such as `Item.title`, `Query.items(first:)` or `@tag`; null where it is about no element. */
  readonly coordinate: string | null
  /** The subgraphs that are to blame, sorted. */
  readonly subgraphs: readonly string[]
  readonly location: SourceLocation | null
  readonly affected: readonly AffectedOperation[]
  /**
   * What tells it from every other finding of the section, and stays the same when files move: part of the fingerprint
   * that approvals and baselines name. By default code and coordinate do; a finding about one operation adds its id.
   */
  readonly key?: string
  /** Set where usage or the lack of it has changed the grade. */
  readonly downgradedFrom?: Grade
  /** Of a change: what it touches, as keys of `diff/use.ts`. */
  readonly uses?: readonly (readonly string[])[]
  /** Of an operation that broke: for each error, what it uses there and around it (`operations/broken-uses.ts`). */
  readonly errorUses?: readonly (readonly (readonly string[])[])[]
}

/** Somebody who answers for part of the graph, as in CODEOWNERS or `@contact`. */
export type Owner = string

/** A finding in the report: judged by approvals, the baseline and the decision table (`../decision/`). */
export type JudgedFinding = Finding & {
  /** 16 hexadecimal digits that stay the same while the finding does. */
  readonly fingerprint: string
  readonly owners: readonly Owner[]
  /** Whether it makes the check fail (exit code 1). */
  readonly fails: boolean
  /** Why it does not fail although its grade would. */
  readonly excuse: Excuse | null
  /** Of an operation that broke: the fingerprints of the changes that explain it, whose approvals cover it. */
  readonly causes: readonly string[]
}

export type Excuse =
  | { readonly type: 'approved'; readonly by: string; readonly reason: string; readonly expires: string }
  /** It was there before this tool was. */
  | { readonly type: 'baseline' }
