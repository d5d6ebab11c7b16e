import type { Interaction } from '../../domain/interaction.ts'
import {
  type Cell,
  type ColumnMap,
  type ColumnProblem,
  cellText,
  columnKey,
  type FieldNames,
  findColumns,
  shownColumns,
} from './columns.ts'
import type { Field } from './fields.ts'
import { type InteractionDefaults, readInteraction } from './interaction-row.ts'

/** Accepted names of the columns. Public data sets use `rating` for the value and `timestamp` for the time. */
export const INTERACTION_FIELDS = {
  userId: ['userId'],
  itemId: ['itemId'],
  type: ['type'],
  value: ['value', 'rating'],
  occurredAt: ['occurredAt', 'timestamp'],
  slateId: ['slateId'],
  eventId: ['eventId'],
} as const satisfies FieldNames<string>
type InteractionField = keyof typeof INTERACTION_FIELDS
const REQUIRED = ['userId', 'itemId'] as const

/** Reads the cells of one row, in the order of its columns. */
export type RowReader<Value> = (cells: readonly Cell[]) => Field<Value>

export type InteractionColumns = {
  readonly read: RowReader<Interaction>
  /** Columns that are not read, for a message. */
  readonly ignored: readonly string[]
}

/** Whether a header has the columns that an interaction needs. */
export function isInteractionHeader(names: readonly string[], map: ColumnMap): boolean {
  const found = findColumns(names, INTERACTION_FIELDS, map)
  return !('problem' in found) && REQUIRED.every((field) => found.of[field].at !== -1)
}

/**
 * Finds the columns of interactions; a problem where a required one is missing, or two have the same meaning.
 */
export function interactionColumns(
  names: readonly string[],
  map: ColumnMap,
  defaults: InteractionDefaults,
): InteractionColumns | ColumnProblem {
  const found = findColumns(names, INTERACTION_FIELDS, map)
  if ('problem' in found) return found
  const { of, others } = found
  const missing = REQUIRED.filter((field) => of[field].at === -1)
  if (missing.length > 0) {
    return { problem: `has no column ${missing.join(' and no ')} (it has ${names.join(', ')})` }
  }
  const shownAs = { value: of.value.name, occurredAt: of.occurredAt.name }
  const present = (Object.keys(of) as InteractionField[]).filter((field) => of[field].at !== -1)
  function read(cells: readonly Cell[]): Field<Interaction> {
    const fields: { [Name in InteractionField]?: string } & { userId: string; itemId: string } = {
      userId: '',
      itemId: '',
    }
    for (const field of present) {
      const { name, at } = of[field]
      const text = cellText(name, cells[at])
      if ('problem' in text) return text
      fields[field] = text.value
    }
    return readInteraction(fields, defaults, shownAs)
  }
  return { read, ignored: shownColumns(others) }
}

/** The field that a name means in `--map`, or null for none. */
export function interactionField(name: string): string | null {
  const names = Object.values(INTERACTION_FIELDS).flat()
  return names.find((known) => columnKey(known) === columnKey(name)) ?? null
}
