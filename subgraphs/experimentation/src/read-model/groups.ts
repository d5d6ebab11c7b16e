import { column, type TextRow } from './sql-run.ts'

/** What the numbers in rows stand for. */
export type GroupNames = {
  readonly variantKeys: readonly string[]
  /** Number 1 is the first one. */
  readonly segments: readonly string[]
  /** How many more there are, which are not told apart. */
  readonly omitted: number
}

/** The number of all segments that are not told apart. */
export const OMITTED = -1n

export function isOmitted(row: TextRow): boolean {
  return column(row, 'segment') === String(OMITTED)
}

export function variantOf(row: TextRow, { variantKeys }: GroupNames): string {
  const key = variantKeys[Number(column(row, 'variant'))]
  if (key === undefined) throw new Error('a row is of an unknown variant')
  return key
}

export function groupOf(
  row: TextRow,
  names: GroupNames,
): { readonly variantKey: string; readonly segment: string | null } {
  const segment = Number(column(row, 'segment'))
  return {
    variantKey: variantOf(row, names),
    segment: segment === 0 ? null : (names.segments[segment - 1] ?? null),
  }
}
