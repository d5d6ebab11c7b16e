import { printLocation, type SourceLocation } from './source.ts'

/** Why nothing can be said of a schema: an input that is missing, unreadable, or not what it should be. */
export type Problem = {
  /** `line` and `column` are 1 for a file that cannot be read at all; null where no file is to blame. */
  readonly location: SourceLocation | null
  readonly message: string
  /** What would have been right, as an instruction. */
  readonly expected: string
}

/**
 * The check could not be made, which is never a green one: exit code 2. Thrown by everything that reads inputs, with
 * every problem that was found.
 */
export class CannotCheckError extends Error {
  override name = 'CannotCheckError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'))
    this.problems = problems
  }
}

export function cannotCheck(
  message: string,
  expected: string,
  location: SourceLocation | null = null,
): never {
  throw new CannotCheckError([{ message, expected, location }])
}

/** The place of a file that is wrong as a whole. */
export function wholeFile(file: string): SourceLocation {
  return { file, line: 1, column: 1 }
}

export function printProblem({ location, message, expected }: Problem): string {
  const place = location === null ? '' : `${printLocation(location)}: `
  return `${place}${message}. Expected: ${expected}`
}
