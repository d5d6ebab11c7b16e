/** The order of texts' UTF-8 bytes, which is not that of JavaScript's `<`; null comes first. */
export function compareBytes(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null) return -1
  return b === null ? 1 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function compareFields(a: unknown, b: unknown): number {
  if (isText(a) && isText(b)) return compareBytes(a, b)
  if (a === b) return 0
  return Number(a) < Number(b) ? -1 : 1
}

function isText(value: unknown): value is string | null {
  return typeof value === 'string' || value === null
}

/** Sorts by fields, the first one first. Texts by their bytes; numbers and booleans by size. */
export function sortByFields<Row>(rows: readonly Row[], fields: readonly (keyof Row)[]): Row[] {
  return rows.toSorted((a, b) => {
    for (const field of fields) {
      const order = compareFields(a[field], b[field])
      if (order !== 0) return order
    }
    return 0
  })
}
