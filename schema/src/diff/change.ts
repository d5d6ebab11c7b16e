import { API_CHANGE_CODES } from './api/api-change-codes.ts'
import { FEDERATION_CHANGE_CODES } from './federation/federation-change-codes.ts'
import type { Use } from './use.ts'

/** Every code of the section `changes`, with what the documentation says of it. */
export const CHANGE_CODES = { ...API_CHANGE_CODES, ...FEDERATION_CHANGE_CODES }

export type ChangeCode = keyof typeof CHANGE_CODES
export type ChangeGrade = 'BREAKING' | 'DANGEROUS' | 'SAFE'

/** A change before it is known whom it touches. */
export type Change = {
  readonly code: ChangeCode
  readonly grade: ChangeGrade
  readonly message: string
  readonly coordinate: string | null
  /** Tells it from others with its code and coordinate; empty where there can be none. */
  readonly detail: string
  /** null: those that say something else of the coordinate than before. */
  readonly subgraphs: readonly string[] | null
  /** An operation is affected if it has all keys of one of these. */
  readonly uses: readonly Use[]
}

export function change(
  code: ChangeCode,
  grade: ChangeGrade,
  coordinate: string | null,
  message: string,
  rest: Partial<Pick<Change, 'detail' | 'subgraphs' | 'uses'>> = {},
): Change {
  return { code, grade, message, coordinate, detail: '', subgraphs: null, uses: [], ...rest }
}

/** @throws where the code's table has no such grade: each pair is in the corpus, so none gets that far */
export function reasonOf({ code, grade }: Pick<Change, 'code' | 'grade'>): string {
  const grades: Partial<Record<ChangeGrade, string>> = CHANGE_CODES[code].grades
  const reason = grades[grade]
  if (reason === undefined) throw new Error(`No reason why ${code} is ${grade}`)
  return reason
}
