import type { Scorer } from './scorer.ts'
import { skipScorer } from './skip-scorer.ts'

/** Each works on what the one before it returned. */
export const SCORERS: readonly Scorer[] = [skipScorer]
