import { type CountedExposure, EXPOSURE_GROUPS, type ExposureCount, type ExposureGroup } from './port.ts'

/**
 * How exposures are counted. A cell is one combination of the groups' values; counters are kept for every way of grouping,
 * so that reading one needs no scan. How many distinct units a group has cannot be summed up from finer groups, so each
 * unit keeps the list of its cells: a group gains a unit with the first cell of that unit which lies in it.
 */
type Cell = readonly [variantKey: string, day: number, surface: string, rung: CountedExposure['rung']]

/** A counter; `grouping` is the sum of the `groupBit`s, and a value is null where it is not grouped by. */
export type CounterKey = {
  readonly experimentKey: string
  readonly grouping: number
} & Pick<ExposureCount, 'variantKey' | 'day' | 'surface' | 'rung'>

export type CounterChange = { readonly key: CounterKey; units: number; exposures: number }

/** Where a unit was counted in an experiment; `cells` is JSON text. */
export type UnitCells = { readonly experimentKey: string; readonly unit: string; readonly cells: string }

const GROUPINGS = 2 ** EXPOSURE_GROUPS.length

export function groupingOf(groupBy: readonly ExposureGroup[]): number {
  return [...new Set(groupBy)].reduce((sum, group) => sum + 2 ** EXPOSURE_GROUPS.indexOf(group), 0)
}

function isGrouped(grouping: number, at: number): boolean {
  return Math.floor(grouping / 2 ** at) % 2 === 1
}

/** The counters that a cell belongs to: one for each way of grouping, in the order of their numbers. */
function countersOf(experimentKey: string, cell: Cell): CounterKey[] {
  const [variantKey, day, surface, rung] = cell
  return Array.from({ length: GROUPINGS }, (_, grouping) => ({
    experimentKey,
    grouping,
    variantKey: isGrouped(grouping, 0) ? variantKey : null,
    day: isGrouped(grouping, 1) ? day : null,
    surface: isGrouped(grouping, 2) ? surface : null,
    rung: isGrouped(grouping, 3) ? rung : null,
  }))
}

function sameGroup(grouping: number, a: Cell, b: Cell): boolean {
  return a.every((value, at) => !isGrouped(grouping, at) || value === b[at])
}

export function unitKey({ experimentKey, unit }: Pick<UnitCells, 'experimentKey' | 'unit'>): string {
  return JSON.stringify([experimentKey, unit])
}

/** @param text undefined for a unit that was not counted yet */
function readCells(text: string | undefined): Cell[] {
  return text === undefined ? [] : JSON.parse(text)
}

/**
 * What a step changes.
 * @param known what is stored of the units of these exposures, by `unitKey`
 */
export function countStep(
  exposures: readonly CountedExposure[],
  known: ReadonlyMap<string, string>,
): { readonly counters: readonly CounterChange[]; readonly units: readonly UnitCells[] } {
  const units = new Map<
    string,
    { readonly exposure: CountedExposure; readonly cells: Cell[]; changed: boolean }
  >()
  const cells = new Map<string, { readonly counters: readonly CounterChange[]; exposures: number }>()
  const counters = new Map<string, CounterChange>()

  function counterOf(key: CounterKey): CounterChange {
    const text = JSON.stringify(key)
    const found = counters.get(text) ?? { key, units: 0, exposures: 0 }
    counters.set(text, found)
    return found
  }

  for (const exposure of exposures) {
    const { experimentKey, variantKey, day, surface, rung } = exposure
    const cell: Cell = [variantKey, day, surface, rung]
    const text = JSON.stringify([experimentKey, cell])
    const counted = cells.get(text) ?? {
      counters: countersOf(experimentKey, cell).map(counterOf),
      exposures: 0,
    }
    counted.exposures += 1
    cells.set(text, counted)

    const id = unitKey(exposure)
    const unit = units.get(id) ?? { exposure, cells: readCells(known.get(id)), changed: false }
    units.set(id, unit)
    if (unit.cells.some((other) => sameGroup(GROUPINGS - 1, other, cell))) continue
    counted.counters.forEach((counter, grouping) => {
      if (!unit.cells.some((other) => sameGroup(grouping, other, cell))) counter.units += 1
    })
    unit.cells.push(cell)
    unit.changed = true
  }
  for (const { counters: ofCell, exposures: count } of cells.values()) {
    for (const counter of ofCell) counter.exposures += count
  }
  return {
    counters: [...counters.values()],
    units: [...units.values()].flatMap(({ exposure: { experimentKey, unit }, cells: list, changed }) =>
      changed ? [{ experimentKey, unit, cells: JSON.stringify(list) }] : [],
    ),
  }
}
