import type { Interaction } from '../domain/interaction.ts'
import { type CsvRowReader, columnKey } from './csv-rows.ts'
import { ImportError } from './import-error.ts'
import { type InteractionDefaults, readInteraction } from './interaction-row.ts'

const REQUIRED = ['userId', 'itemId'] as const
export const INTERACTION_COLUMNS = [...REQUIRED, 'type', 'value', 'occurredAt', 'slateId', 'eventId'] as const

/** Whether a header names what an interaction must have. */
export function isInteractionHeader(names: readonly string[]): boolean {
  const keys = names.map(columnKey)
  return REQUIRED.every((name) => keys.includes(columnKey(name)))
}

/**
 * Finds the columns of an interactions file.
 * @param onIgnored hears of columns that are not read
 * @throws ImportError where a column is missing or stands there twice
 */
export function readInteractionHeader(
  names: readonly string[],
  defaults: InteractionDefaults,
  onIgnored: (names: readonly string[]) => void,
): CsvRowReader<Interaction> {
  const keys = names.map(columnKey)
  const place = (name: string): number => {
    const at = keys.indexOf(columnKey(name))
    if (at !== -1 && keys.indexOf(columnKey(name), at + 1) !== -1) {
      throw new ImportError(`its header has the column ${name} twice`)
    }
    return at
  }
  const missing = REQUIRED.filter((name) => place(name) === -1)
  if (missing.length > 0) {
    throw new ImportError(
      `its header has no column ${missing.join(' and no ')} (it has ${names.join(', ')}): rename the columns, ` +
        'or add a header line',
    )
  }
  const known = new Set<string>(INTERACTION_COLUMNS.map(columnKey))
  const ignored = names.filter((name) => !known.has(columnKey(name)))
  if (ignored.length > 0) onIgnored(ignored)
  const places = {
    userId: place('userId'),
    itemId: place('itemId'),
    type: place('type'),
    value: place('value'),
    occurredAt: place('occurredAt'),
    slateId: place('slateId'),
    eventId: place('eventId'),
  }
  return (cells) =>
    readInteraction(
      {
        userId: cells[places.userId] ?? '',
        itemId: cells[places.itemId] ?? '',
        type: cells[places.type],
        value: cells[places.value],
        occurredAt: cells[places.occurredAt],
        slateId: cells[places.slateId],
        eventId: cells[places.eventId],
      },
      defaults,
    )
}
