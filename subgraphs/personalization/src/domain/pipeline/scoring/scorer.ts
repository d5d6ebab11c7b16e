import type { Candidate } from '../candidate.ts'
import type { Query } from '../query.ts'
import type { Stage } from '../stage.ts'

/** Adjusts the scores of one source's candidates, and sorts them again: best first. */
export type Scorer = Stage<Query, readonly Candidate[], readonly Candidate[]>
