import { type CountedExposure, EXPOSURE_GROUPS, type ExposureCount, type ExposureGroup } from './port.ts'
import { addCell, type CellsOfUnit, isIn, readCells, writeCells } from './unit-cells.ts'

/**
 * How exposures are counted. A cell is one combination of the groups' values; counters are kept for every way of grouping,
 * so that reading one needs no scan. How many distinct units a group has cannot be summed up from finer groups, so each
 * unit keeps its cells (`unit-cells.ts`): a group gains a unit with the first cell of that unit which lies in it.
 */
type Cell = readonly [variantKey: string, day: number, surface: string, rung: CountedExposure['rung']]

/** Distinct surfaces that are counted in an experiment. Their names come from callers, and each one has counters. */
const MAX_SURFACES = 100

/** All further surfaces of an experiment together. No surface can have this name. */
export const OTHER_SURFACES = '(other)'

/** The counters that say which surfaces an experiment has. */
export const SURFACE_GROUPING = groupingOf(['SURFACE'])

/** A counter; `grouping` is the number of `groupingOf`, and a value is null where it is not grouped by. */
export type CounterKey = {
  readonly experimentKey: string
  readonly grouping: number
} & Pick<ExposureCount, 'variantKey' | 'day' | 'surface' | 'rung'>

export type CounterChange = { readonly key: CounterKey; units: number; exposures: number }

/** Where a unit was counted in an experiment; `cells` is text of `unit-cells.ts`. */
export type UnitCells = { readonly experimentKey: string; readonly unit: string; readonly cells: string }

const GROUPINGS = 2 ** EXPOSURE_GROUPS.length

/** The number of a way of grouping: a bit for each group, in the order of `EXPOSURE_GROUPS`. */
export function groupingOf(groupBy: readonly ExposureGroup[]): number {
  return [...new Set(groupBy)].reduce((sum, group) => sum + 2 ** EXPOSURE_GROUPS.indexOf(group), 0)
}

/** The counters that a cell belongs to: one for each way of grouping, in the order of their numbers. */
function countersOf(experimentKey: string, cell: Cell): CounterKey[] {
  const [variantKey, day, surface, rung] = cell
  return Array.from({ length: GROUPINGS }, (_, grouping) => ({
    experimentKey,
    grouping,
    variantKey: isIn(grouping, 0) ? variantKey : null,
    day: isIn(grouping, 1) ? day : null,
    surface: isIn(grouping, 2) ? surface : null,
    rung: isIn(grouping, 3) ? rung : null,
  }))
}

export function unitKey({ experimentKey, unit }: Pick<UnitCells, 'experimentKey' | 'unit'>): string {
  return JSON.stringify([experimentKey, unit])
}

/**
 * What a step changes.
 * @param known.units what is stored of the units of these exposures, by `unitKey`
 * @param known.surfaces those that are counted in an experiment already, with its key
 */
export function countStep(
  exposures: readonly CountedExposure[],
  known: {
    readonly units: ReadonlyMap<string, string>
    readonly surfaces: Iterable<readonly [experimentKey: string, surface: string]>
  },
): { readonly counters: readonly CounterChange[]; readonly units: readonly UnitCells[] } {
  const units = new Map<
    string,
    { readonly exposure: CountedExposure; readonly cells: CellsOfUnit; changed: boolean }
  >()
  const cells = new Map<string, { readonly counters: readonly CounterChange[]; exposures: number }>()
  const counters = new Map<string, CounterChange>()
  const surfaceOf = createSurfaces(known.surfaces)

  function counterOf(key: CounterKey): CounterChange {
    const text = JSON.stringify(key)
    const found = counters.get(text) ?? { key, units: 0, exposures: 0 }
    counters.set(text, found)
    return found
  }

  for (const exposure of exposures) {
    const { experimentKey, variantKey, day, rung } = exposure
    const cell: Cell = [variantKey, day, surfaceOf(exposure), rung]
    const text = JSON.stringify([experimentKey, cell])
    const counted = cells.get(text) ?? {
      counters: countersOf(experimentKey, cell).map(counterOf),
      exposures: 0,
    }
    counted.exposures += 1
    cells.set(text, counted)

    const id = unitKey(exposure)
    const unit = units.get(id) ?? { exposure, cells: readCells(known.units.get(id)), changed: false }
    units.set(id, unit)
    const added = addCell(unit.cells, cell)
    if (added === null) continue
    counted.counters.forEach((counter, grouping) => {
      if (!isIn(added.seen, grouping)) counter.units += 1
    })
    unit.changed = true
  }
  for (const { counters: ofCell, exposures: count } of cells.values()) {
    for (const counter of ofCell) counter.exposures += count
  }
  return {
    counters: [...counters.values()],
    units: [...units.values()].flatMap(({ exposure: { experimentKey, unit }, cells: kept, changed }) =>
      changed ? [{ experimentKey, unit, cells: writeCells(kept) }] : [],
    ),
  }
}

/** The name under which an exposure's surface is counted. */
function createSurfaces(known: Iterable<readonly [experimentKey: string, surface: string]>) {
  const surfaces = new Map<string, Set<string>>()
  function ofExperiment(experimentKey: string): Set<string> {
    const found = surfaces.get(experimentKey) ?? new Set()
    surfaces.set(experimentKey, found)
    return found
  }
  for (const [experimentKey, surface] of known) {
    if (surface !== OTHER_SURFACES) ofExperiment(experimentKey).add(surface)
  }
  return ({ experimentKey, surface }: CountedExposure): string => {
    const counted = ofExperiment(experimentKey)
    if (!counted.has(surface) && counted.size >= MAX_SURFACES) return OTHER_SURFACES
    counted.add(surface)
    return surface
  }
}
