/**
 * Columns as wide as their longest cell; the first is aligned to the left, all others to the right, as numbers are.
 * @param texts further columns to align to the left, counted from 0
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly number[] = [],
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  function aligned(cell: string, column: number): string {
    const width = widths[column] ?? 0
    return column === 0 || texts.includes(column) ? cell.padEnd(width) : cell.padStart(width)
  }
  return [header, ...rows].map((row) => row.map(aligned).join('  ').trimEnd()).join('\n')
}
