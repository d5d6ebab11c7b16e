/**
 * The cells in which a unit was counted in one experiment. Each is four numbers: those of its variant, its day, its surface
 * and its rung. Whether a group has the unit already is one pass over numbers, whatever the groups are.
 */
export type CellsOfUnit = { readonly numbers: Map<string | number, number>; readonly cells: number[] }

/** The number of a value is its place. */
type StoredCells = { readonly values: readonly (string | number)[]; readonly cells: number[] }

type Cell = readonly [string, number, string, string]

const SIZE = 4

/**
 * Upper bound on the cells of a unit: far above what a unit gathers that meets a holdback on every surface for years, and
 * small enough for a document. A unit that has so many gains no more: its exposures are still counted, but the unit itself
 * is not counted in groups in which it is new.
 */
const MAX_CELLS = 5_000

/** Of each set of equal values, all its subsets: as bits, so that the sets of many cells can be joined. */
const SUBSETS = Array.from({ length: 2 ** SIZE }, (_, equal) =>
  Array.from({ length: 2 ** SIZE }, (_, subset) => subset)
    .filter((subset) => (subset & equal) === subset)
    .reduce((sum, subset) => sum + 2 ** subset, 0),
)

export function isIn(bits: number, at: number): boolean {
  return ((bits >> at) & 1) === 1
}

/** @param text undefined for a unit that was not counted yet */
export function readCells(text: string | undefined): CellsOfUnit {
  if (text === undefined) return { numbers: new Map(), cells: [] }
  const stored: StoredCells | Cell[] = JSON.parse(text)
  if (!Array.isArray(stored)) {
    return { numbers: new Map(stored.values.map((value, place) => [value, place])), cells: stored.cells }
  }
  // As it was stored at first.
  const numbers: CellsOfUnit['numbers'] = new Map()
  return { numbers, cells: stored.flatMap((cell) => cell.map((value) => numberOf(numbers, value))) }
}

export function writeCells({ numbers, cells }: CellsOfUnit): string {
  const stored: StoredCells = { values: [...numbers.keys()], cells }
  return JSON.stringify(stored)
}

function numberOf(numbers: CellsOfUnit['numbers'], value: string | number): number {
  const known = numbers.get(value)
  if (known !== undefined) return known
  numbers.set(value, numbers.size)
  return numbers.size - 1
}

/**
 * Adds a cell; null where the unit has it already, or has too many.
 * @returns the groupings whose group of this cell had the unit before, as bits
 */
export function addCell(unit: CellsOfUnit, cell: Cell): { readonly seen: number } | null {
  const { numbers, cells } = unit
  const [v, d, s, r] = cell.map((value) => numbers.get(value) ?? -1)
  let seen = 0
  // From the newest: that is the likeliest to be the same.
  for (let at = cells.length - SIZE; at >= 0; at -= SIZE) {
    const equal =
      (cells[at] === v ? 1 : 0) |
      (cells[at + 1] === d ? 2 : 0) |
      (cells[at + 2] === s ? 4 : 0) |
      (cells[at + 3] === r ? 8 : 0)
    if (equal === 15) return null
    seen |= SUBSETS[equal] ?? 0
  }
  if (cells.length >= MAX_CELLS * SIZE) return null
  for (const value of cell) cells.push(numberOf(numbers, value))
  return { seen }
}
