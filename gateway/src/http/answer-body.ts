import type { Answer } from '../execution/execute-operation.ts'

/** The JSON of an answer: errors first, so that a person sees them, and only where there are some. */
export function answerBody({ data, errors }: Answer): object {
  return errors.length === 0 ? { data } : { errors, data }
}
