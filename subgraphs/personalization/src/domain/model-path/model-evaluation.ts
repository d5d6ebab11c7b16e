import type { ComparisonReport } from '../evaluation/report.ts'

/** How a version did offline, against what was in production then. */
export type ModelEvaluation = {
  /** SHA-256 of the report's canonical JSON, hex. */
  readonly hash: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** The version that was in PRODUCTION; null where none was, and what is popular stood in for it. */
  readonly championId: string | null
  /** First the champion, second the version. */
  readonly report: ComparisonReport
  /** Of one list of the version, milliseconds. Not part of the report, which comes out the same on every machine. */
  readonly latencyP99Ms: number
}
