import type { Interaction } from '../domain/interaction.ts'
import type { Item } from '../domain/item.ts'
import type { ColumnMap, ColumnProblem, FieldNames } from './columns/columns.ts'
import { absentColumns, columnKey } from './columns/columns.ts'
import { INTERACTION_FIELDS, interactionColumns, type RowReader } from './columns/interaction-columns.ts'
import type { InteractionDefaults } from './columns/interaction-row.ts'
import { ITEM_FIELDS, itemColumns } from './columns/item-columns.ts'
import {
  detectInteractionFormat,
  detectSeparator,
  type InteractionFormat,
  isJsonLines,
  type Layout,
  ratingsSeparator,
} from './format.ts'
import { ImportError } from './import-error.ts'
import { createJsonParser, parseObject } from './rows/json-rows.ts'
import { createListsParser, createRatingsParser } from './rows/plain-rows.ts'
import type { RowParser } from './rows/row-parser.ts'
import { createSeparatedParser } from './rows/separated-rows.ts'

const WITHOUT_HEADER =
  'say with --map COLUMN=FIELD which columns they are, or, where the first line is no header, name the columns with --header'

/** Says what a person should know before the import starts. */
type Notice = (line: string) => void

/**
 * The parser for a catalogue.
 * @throws ImportError for a header without an id, and for a layout that does not fit the file
 */
export function itemParser(sample: readonly string[], layout: Layout, notice: Notice): RowParser<Item> {
  const columnsOf = (names: readonly string[]) => itemColumns(names, layout.map)
  if (isJsonLines(sample)) return jsonParser(sample, layout, columnsOf, notice)
  const separator = layout.separator ?? detectSeparator(sample, layout.header)
  if (layout.header !== null) refuseSecondHeader(sample[0] ?? '', separator, ITEM_FIELDS)
  return createSeparatedParser({
    separator,
    header: layout.header,
    quotes: layout.quotes,
    readHeader: (names) => headerReader(names, layout.map, columnsOf),
  })
}

/**
 * The parser for interactions, and the format that it reads.
 * @param asked the format, or null to detect it
 * @throws ImportError for a header without user or item, and for a layout that does not fit the file
 */
export function interactionParser(
  sample: readonly string[],
  layout: Layout,
  asked: InteractionFormat | null,
  defaults: InteractionDefaults,
  notice: Notice,
): { readonly format: InteractionFormat; readonly parser: RowParser<Interaction> } {
  const format = asked ?? detectInteractionFormat(sample, layout)
  const told = new Set<string>()
  function columnsOf(names: readonly string[]) {
    const columns = interactionColumns(names, layout.map, defaults)
    if (!('problem' in columns)) {
      const news = columns.ignored.filter((name) => !told.has(name))
      for (const name of news) told.add(name)
      if (news.length > 0) notice(`These columns are ignored: ${news.join(', ')}`)
    }
    return columns
  }
  if (format === 'jsonl') return { format, parser: jsonParser(sample, layout, columnsOf, notice) }
  if (format !== 'csv') {
    if (layout.header !== null || layout.map.size > 0) {
      throw new ImportError(`--header and --map are for columns with names, which --format ${format} has not`)
    }
    const parser =
      format === 'lists'
        ? createListsParser(defaults)
        : createRatingsParser(defaults, ratingsSeparator(sample, layout))
    return { format, parser }
  }
  const separator = layout.separator ?? detectSeparator(sample, layout.header)
  if (layout.header !== null) refuseSecondHeader(sample[0] ?? '', separator, INTERACTION_FIELDS)
  const parser = createSeparatedParser({
    separator,
    header: layout.header,
    quotes: layout.quotes,
    readHeader: (names) => headerReader(names, layout.map, columnsOf),
  })
  return { format, parser }
}

function headerReader<Value>(
  names: readonly string[],
  map: ColumnMap,
  columnsOf: (names: readonly string[]) => { readonly read: RowReader<Value> } | ColumnProblem,
): RowReader<Value> {
  const [absent] = absentColumns(names, map)
  if (absent !== undefined) {
    throw new ImportError(
      `its header has no column ${absent}, which --map names (it has ${names.join(', ')})`,
    )
  }
  const columns = columnsOf(names)
  if (!('problem' in columns)) return columns.read
  const advice = columns.problem.startsWith('has no column') ? `: ${WITHOUT_HEADER}` : ''
  throw new ImportError(`its header ${columns.problem}${advice}`)
}

/** With --header, a header in the file would be imported as a user or an item of that name. */
function refuseSecondHeader(line: string, separator: string, fields: FieldNames<string>): void {
  const known = new Set(Object.values(fields).flat().map(columnKey))
  const names = line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  if (names.some((name) => known.has(columnKey(name)))) {
    throw new ImportError(
      'its first line is a header: leave --header away, and say with --map what is called otherwise',
    )
  }
}

function jsonParser<Value>(
  sample: readonly string[],
  { header, map }: Layout,
  columnsOf: Parameters<typeof createJsonParser<Value>>[0],
  notice: Notice,
): RowParser<Value> {
  if (header !== null) throw new ImportError('--header is for columns without names, but JSON has names')
  const names = new Set(sample.flatMap((line) => Object.keys(parseObject(line) ?? {})))
  const absent = absentColumns(names, map)
  if (absent.length > 0)
    notice(`The first ${sample.length} lines have no ${absent.join(' and no ')}, which --map names`)
  return createJsonParser(columnsOf)
}
