import { isDuplicateKey } from './errors.ts'

/** Error codes of the server. */
const NAMESPACE_NOT_FOUND = 26
const INDEX_NOT_FOUND = 27
const NAMESPACE_EXISTS = 48

/*
 * For `.catch`: what another replica that does the same at the same time has done already is no error. All other errors
 * are thrown again.
 */

export function ignoreDuplicates(error: unknown): void {
  if (!isDuplicateKey(error)) throw error
}

export const ignoreExistingCollection = ignoring(NAMESPACE_EXISTS)
export const ignoreMissingCollection = ignoring(NAMESPACE_NOT_FOUND)
export const ignoreMissingIndex = ignoring(INDEX_NOT_FOUND)

function ignoring(code: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error
  }
}
