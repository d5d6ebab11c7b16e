import { StartupError } from '@bulkhead/service/errors'
import { startupMessage } from '@bulkhead/service/process/lifecycle'
import {
  EventsErasedError,
  ReadModelBehindError,
  ReadModelLockedError,
  SumOverflowError,
} from '../read-model/errors.ts'
import { ExportUnusableError } from '../read-model/export/errors.ts'
import { SparkError, SparkUnusableError } from '../read-model/spark/errors.ts'

/** A command line that cannot be run as it is: one line for the person who typed it. */
export class UsageError extends StartupError {}

/** A check that was made, and failed: what it found is printed as the result. */
export class NegativeResultError extends Error {
  readonly report: string

  constructor(report: string, summary: string) {
    super(summary)
    this.report = report
  }
}

/** Errors whose message is for whoever ran the command: what is wrong with it, or with what it was given. */
const EXPLAINED = [
  NegativeResultError,
  EventsErasedError,
  ExportUnusableError,
  ReadModelBehindError,
  ReadModelLockedError,
  SparkUnusableError,
  SparkError,
  SumOverflowError,
]

function isExplained(error: unknown): error is Error {
  return EXPLAINED.some((type) => error instanceof type)
}

/** Why a command failed: one line, or the stack where nobody at a terminal can mend it. */
export function describeFailure(error: unknown): string {
  return isExplained(error) ? error.message : startupMessage(error)
}
