import type { JsonObject } from '@bulkhead/contracts'
import { normalizeMarket } from '../domain/availability.ts'
import type { Item } from '../domain/item.ts'
import { type CsvRowReader, columnKey } from './csv-rows.ts'
import { type Field, flagField, identifierField, instantField } from './fields.ts'
import { ImportError } from './import-error.ts'
import { UNKNOWN_TIME } from './interaction-row.ts'

const MAX_TITLE_CHARACTERS = 2_000

/**
 * An item that appears in interactions but not in the catalogue. It can be recommended; its title is its id until it is
 * imported.
 */
export function placeholderItem(id: string): Item {
  return {
    id,
    title: id,
    creator: null,
    categories: [],
    available: true,
    availableFrom: null,
    availableUntil: null,
    markets: [],
    createdAt: UNKNOWN_TIME,
    attributes: null,
  }
}

/**
 * Finds the columns of a catalogue file: `id` (or `itemId`), `title`, `creator`, `categories` and `markets` (each
 * separated by `|`), `available`, `availableFrom`, `availableUntil`, `createdAt`; every other column becomes an attribute of the item, as text.
 * @throws ImportError where the id is missing, or a column appears twice
 */
export function readItemHeader(names: readonly string[]): CsvRowReader<Item> {
  const keys = names.map(columnKey)
  const twice = names.find((_, at) => keys.indexOf(keys[at] ?? '') !== at)
  if (twice !== undefined) throw new ImportError(`its header has the column ${twice} twice`)
  const id = keys.includes('id') ? keys.indexOf('id') : keys.indexOf('itemid')
  if (id === -1) {
    throw new ImportError(
      `its header has no column id (it has ${names.join(', ')}): rename the column, or add a header line`,
    )
  }
  const title = keys.indexOf('title')
  const creator = keys.indexOf('creator')
  const categories = keys.indexOf('categories')
  const available = keys.indexOf('available')
  const availableFrom = keys.indexOf('availablefrom')
  const availableUntil = keys.indexOf('availableuntil')
  const markets = keys.indexOf('markets')
  const createdAt = keys.indexOf('createdat')
  const own = new Set([
    id,
    title,
    creator,
    categories,
    available,
    availableFrom,
    availableUntil,
    markets,
    createdAt,
  ])
  const others = names.map((name, at) => ({ name: name.trim(), at })).filter(({ at }) => !own.has(at))

  return (cells): Field<Item> => {
    const cell = (at: number): string => (at === -1 ? '' : (cells[at] ?? ''))
    const itemId = identifierField('id', cell(id))
    if ('problem' in itemId) return itemId
    if (cell(title).length > MAX_TITLE_CHARACTERS) {
      return { problem: `has a title of more than ${MAX_TITLE_CHARACTERS} characters` }
    }
    const isAvailable = cell(available) === '' ? { value: true } : flagField('available', cell(available))
    if ('problem' in isAvailable) return isAvailable
    const from = optionalInstant('availableFrom', cell(availableFrom), null)
    if ('problem' in from) return from
    const until = optionalInstant('availableUntil', cell(availableUntil), null)
    if ('problem' in until) return until
    if (from.value !== null && until.value !== null && until.value <= from.value) {
      return { problem: 'has an availableUntil that is not after its availableFrom' }
    }
    const created = optionalInstant('createdAt', cell(createdAt), UNKNOWN_TIME)
    if ('problem' in created) return created
    return {
      value: {
        id: itemId.value,
        title: cell(title) === '' ? itemId.value : cell(title),
        creator: cell(creator) === '' ? null : cell(creator),
        categories: namesOf(cell(categories)),
        available: isAvailable.value,
        availableFrom: from.value,
        availableUntil: until.value,
        markets: [...new Set(namesOf(cell(markets)).map(normalizeMarket))],
        createdAt: created.value,
        attributes: attributesOf(others.map(({ name, at }) => [name, cell(at)])),
      },
    }
  }
}

/** @param absent stands for an empty cell */
function optionalInstant<Absent>(name: string, text: string, absent: Absent): Field<number | Absent> {
  return text === '' ? { value: absent } : instantField(name, text)
}

function namesOf(text: string): readonly string[] {
  const names = text.split('|').map((name) => name.trim())
  return [...new Set(names.filter((name) => name !== ''))]
}

function attributesOf(entries: readonly (readonly [name: string, text: string])[]): JsonObject | null {
  const given = entries.filter(([, text]) => text !== '')
  return given.length === 0 ? null : Object.fromEntries(given)
}
