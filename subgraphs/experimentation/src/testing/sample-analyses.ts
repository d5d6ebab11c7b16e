import type { StoredAnalysis } from '../domain/stored-analysis.ts'
import { NOON, sampleExperiment } from './samples.ts'

/** A stored analysis as the datastores see it; its content is of no experiment. */
export function sampleStoredAnalysis(overrides: Partial<StoredAnalysis> = {}): StoredAnalysis {
  return {
    id: 'a1',
    experimentKey: 'mix',
    experimentVersion: 1,
    cutoff: NOON,
    asOf: 0,
    segment: null,
    content: { hashed: [0.1, null, 'text'] },
    version: { version: 1, variants: sampleExperiment({ key: 'mix' }).variants },
    intervals: [{ from: NOON - 1, to: null }],
    final: false,
    engine: 'DUCKDB',
    sql: ['SELECT 1'],
    erasedBefore: 0,
    createdAt: NOON + 1,
    requestedBy: 'ana',
    ...overrides,
  }
}
