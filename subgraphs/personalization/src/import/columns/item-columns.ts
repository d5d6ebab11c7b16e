import { type JsonObject, type JsonValue, jsonObjectSchema } from '@bulkhead/contracts'
import { normalizeMarket } from '../../domain/availability.ts'
import type { Item } from '../../domain/item.ts'
import {
  type Cell,
  type ColumnMap,
  type ColumnProblem,
  cellText,
  columnKey,
  type FieldNames,
  findColumns,
} from './columns.ts'
import { type Field, flagField, identifierField, instantField } from './fields.ts'
import type { RowReader } from './interaction-columns.ts'
import { UNKNOWN_TIME } from './interaction-row.ts'

export const ITEM_FIELDS = {
  id: ['id'],
  title: ['title'],
  creator: ['creator'],
  categories: ['categories'],
  available: ['available'],
  availableFrom: ['availableFrom'],
  availableUntil: ['availableUntil'],
  markets: ['markets'],
  createdAt: ['createdAt'],
} as const satisfies FieldNames<string>
/** What interactions call the id; it is an attribute where there is a column `id` too. */
const ITEM_ID = 'itemId'
const MAX_TITLE_CHARACTERS = 2_000

/**
 * Finds the columns of a catalogue: `id` (or `itemId`), `title`, `creator`, `categories` and `markets` (each separated by
 * `|`, or a list in JSON), `available`, `availableFrom`, `availableUntil`, `createdAt`; every other column becomes an attribute of the item. A problem where the id is missing
 * or a column appears twice.
 */
export function itemColumns(
  names: readonly string[],
  map: ColumnMap,
): { readonly read: RowReader<Item> } | ColumnProblem {
  const keys = names.map(columnKey)
  const twice = names.find((_, at) => keys.indexOf(keys[at] ?? '') !== at)
  if (twice !== undefined) return { problem: `has the column ${twice} twice` }
  const found = findColumns(names, ITEM_FIELDS, withItemId(keys, map))
  if ('problem' in found) return found
  const { of, others } = found
  if (of.id.at === -1) return { problem: `has no column id (it has ${names.join(', ')})` }

  function read(cells: readonly Cell[]): Field<Item> {
    function text(field: keyof typeof of): Field<string> {
      const { name, at } = of[field]
      return cellText(name, cells[at])
    }
    const given = text('id')
    if ('problem' in given) return given
    const id = identifierField('id', given.value)
    if ('problem' in id) return id
    const title = text('title')
    if ('problem' in title) return title
    if (title.value.length > MAX_TITLE_CHARACTERS) {
      return { problem: `has a title of more than ${MAX_TITLE_CHARACTERS} characters` }
    }
    const creator = text('creator')
    if ('problem' in creator) return creator
    const categories = namesOf('categories', cells[of.categories.at])
    if ('problem' in categories) return categories
    const availability = text('available')
    if ('problem' in availability) return availability
    const available = availability.value === '' ? { value: true } : flagField('available', availability.value)
    if ('problem' in available) return available
    const from = optionalInstant('availableFrom', text('availableFrom'), null)
    if ('problem' in from) return from
    const until = optionalInstant('availableUntil', text('availableUntil'), null)
    if ('problem' in until) return until
    if (from.value !== null && until.value !== null && until.value <= from.value) {
      return { problem: 'has an availableUntil that is not after its availableFrom' }
    }
    const markets = namesOf('markets', cells[of.markets.at])
    if ('problem' in markets) return markets
    const createdAt = optionalInstant('createdAt', text('createdAt'), UNKNOWN_TIME)
    if ('problem' in createdAt) return createdAt
    const attributes = attributesOf(others.map(({ name, at }) => [name, cells[at]]))
    if ('problem' in attributes) return attributes
    return {
      value: {
        id: id.value,
        title: title.value === '' ? id.value : title.value.toWellFormed(),
        creator: creator.value === '' ? null : creator.value.toWellFormed(),
        categories: categories.value,
        available: available.value,
        availableFrom: from.value,
        availableUntil: until.value,
        markets: [...new Set(markets.value.map(normalizeMarket))],
        createdAt: createdAt.value,
        attributes: attributes.value,
      },
    }
  }
  return { read }
}

/** The field that a name means in `--map`, or null for none. */
export function itemField(name: string): string | null {
  if (columnKey(name) === columnKey(ITEM_ID)) return 'id'
  return Object.keys(ITEM_FIELDS).find((known) => columnKey(known) === columnKey(name)) ?? null
}

function withItemId(keys: readonly string[], map: ColumnMap): ColumnMap {
  if (keys.includes('id') || [...map.values()].includes('id')) return map
  return new Map([...map, [ITEM_ID, 'id']])
}

/** @param absent stands for an empty cell */
function optionalInstant<Absent>(name: string, text: Field<string>, absent: Absent): Field<number | Absent> {
  if ('problem' in text) return text
  return text.value === '' ? { value: absent } : instantField(name, text.value)
}

function namesOf(field: 'categories' | 'markets', cell: Cell): Field<readonly string[]> {
  if (Array.isArray(cell)) {
    const names: string[] = []
    for (const value of cell as readonly JsonValue[]) {
      if (typeof value !== 'string') return { problem: `has ${field} that are not text` }
      names.push(value)
    }
    return { value: unique(names) }
  }
  const text = cellText(field, cell)
  return 'problem' in text ? text : { value: unique(text.value.split('|')) }
}

function unique(names: readonly string[]): readonly string[] {
  const trimmed = names.map((name) => name.trim().toWellFormed())
  return [...new Set(trimmed.filter((name) => name !== ''))]
}

function attributesOf(entries: readonly (readonly [name: string, cell: Cell])[]): Field<JsonObject | null> {
  const given = entries.filter(([, cell]) => cell !== undefined && cell !== null && cell !== '')
  if (given.length === 0) return { value: null }
  const attributes = jsonObjectSchema.safeParse(Object.fromEntries(given))
  return attributes.success
    ? { value: attributes.data }
    : { problem: 'has attributes that are nested too deeply, or hold half a character' }
}
