import type { Interaction } from '../domain/interaction.ts'
import { type CsvRowReader, columnKey } from './csv-rows.ts'
import { shown } from './fields.ts'
import { ImportError } from './import-error.ts'
import { type InteractionDefaults, readInteraction } from './interaction-row.ts'

/** Accepted names of the columns. Public data sets use `rating` for the value and `timestamp` for the time. */
const COLUMN_NAMES = {
  userId: ['userId'],
  itemId: ['itemId'],
  type: ['type'],
  value: ['value', 'rating'],
  occurredAt: ['occurredAt', 'timestamp'],
  slateId: ['slateId'],
  eventId: ['eventId'],
} as const
const REQUIRED = ['userId', 'itemId'] as const

type Column = {
  readonly name: string
  /** -1 where the file does not have it. */
  readonly at: number
}

/** Whether a header has the columns that an interaction needs. */
export function isInteractionHeader(names: readonly string[]): boolean {
  const keys = names.map(columnKey)
  return REQUIRED.every((name) => keys.includes(columnKey(name)))
}

/**
 * Finds the columns of an interactions file.
 * @param onIgnored is called with the names of the columns that are not read
 * @throws ImportError where a required column is missing, or two columns have the same meaning
 */
export function readInteractionHeader(
  names: readonly string[],
  defaults: InteractionDefaults,
  onIgnored: (columns: readonly string[]) => void,
): CsvRowReader<Interaction> {
  const keys = names.map(columnKey)
  const userId = findColumn(keys, COLUMN_NAMES.userId)
  const itemId = findColumn(keys, COLUMN_NAMES.itemId)
  const type = findColumn(keys, COLUMN_NAMES.type)
  const value = findColumn(keys, COLUMN_NAMES.value)
  const occurredAt = findColumn(keys, COLUMN_NAMES.occurredAt)
  const slateId = findColumn(keys, COLUMN_NAMES.slateId)
  const eventId = findColumn(keys, COLUMN_NAMES.eventId)
  const missing = [userId, itemId].filter(({ at }) => at === -1).map(({ name }) => name)
  if (missing.length > 0) {
    throw new ImportError(
      `its header has no column ${missing.join(' and no ')} (it has ${names.join(', ')}): rename the columns, ` +
        'or add a header line',
    )
  }
  const ignored = ignoredColumns(names)
  if (ignored.length > 0) onIgnored(ignored)
  const shownAs = { value: value.name, occurredAt: occurredAt.name }
  return (cells) =>
    readInteraction(
      {
        userId: cells[userId.at] ?? '',
        itemId: cells[itemId.at] ?? '',
        type: cells[type.at],
        value: cells[value.at],
        occurredAt: cells[occurredAt.at],
        slateId: cells[slateId.at],
        eventId: cells[eventId.at],
      },
      defaults,
      shownAs,
    )
}

function findColumn(keys: readonly string[], names: readonly [string, ...string[]]): Column {
  const columns = names.flatMap((name) =>
    keys.flatMap((key, at): Column[] => (key === columnKey(name) ? [{ name, at }] : [])),
  )
  const [column = { name: names[0], at: -1 }, other] = columns
  if (other === undefined) return column
  throw new ImportError(
    other.name === column.name
      ? `its header has the column ${column.name} twice`
      : `its header has both ${column.name} and ${other.name}, which mean the same: rename the one that is not to be read`,
  )
}

function ignoredColumns(names: readonly string[]): readonly string[] {
  const known = new Set(Object.values(COLUMN_NAMES).flat().map(columnKey))
  const ignored = names.flatMap((name, at) => {
    if (known.has(columnKey(name))) return []
    return [name.trim() === '' ? `column ${at + 1} (no name)` : shown(name.trim())]
  })
  return [...new Set(ignored)]
}
