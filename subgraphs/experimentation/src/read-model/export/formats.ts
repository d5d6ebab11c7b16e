import type { TableName } from '../schema.ts'
import type { ExportFormat } from './manifest.ts'

/** The columns of the read model's tables, in their order. */
const COLUMNS: Readonly<Record<TableName, Readonly<Record<string, 'bigint' | 'varchar' | 'boolean'>>>> = {
  exposures: {
    position: 'bigint',
    key: 'varchar',
    version: 'bigint',
    variant: 'varchar',
    unit: 'varchar',
    occurred: 'bigint',
    claimed: 'bigint',
    forced: 'boolean',
    applied: 'boolean',
    attributes: 'bigint',
  },
  served: {
    position: 'bigint',
    key: 'varchar',
    version: 'bigint',
    variant: 'varchar',
    unit: 'varchar',
    occurred: 'bigint',
    claimed: 'bigint',
    forced: 'boolean',
  },
  interactions: {
    position: 'bigint',
    type: 'varchar',
    unit: 'varchar',
    occurred: 'bigint',
    value: 'bigint',
    attributes: 'bigint',
  },
  attributes: { id: 'bigint', text: 'varchar' },
}

/** The order of a file's rows. */
const ORDER: Readonly<Record<TableName, string>> = {
  exposures: 'position',
  served: 'position',
  interactions: 'position',
  attributes: 'id',
}

function columnsOf(table: TableName): readonly string[] {
  return Object.keys(COLUMNS[table])
}

/** The types that Spark gives the columns. */
export function emptyViewSql(table: TableName): string {
  const types = { bigint: 'bigint', varchar: 'string', boolean: 'boolean' }
  const columns = Object.entries(COLUMNS[table]).map(
    ([name, type]) => `cast(null as ${types[type]}) as ${name}`,
  )
  return `select ${columns.join(', ')} where 1 = 0`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Writes a table to a file. In JSON a value is a text, because many readers keep no more than 53 bits of a number. */
export function copySql(table: TableName, path: string, format: ExportFormat): string {
  const columns = columnsOf(table).map((name) =>
    format === 'jsonl' && name === 'value' ? 'cast(value as varchar) as value' : name,
  )
  const rows = `select ${columns.join(', ')} from ${table} order by ${ORDER[table]}`
  return `copy (${rows}) to ${quoted(path)} (${copyOptions(table, format)})`
}

function copyOptions(table: TableName, format: ExportFormat): string {
  if (format === 'parquet') return 'format parquet, compression zstd'
  if (format === 'jsonl') return 'format json, array false'
  const texts = Object.entries(COLUMNS[table]).flatMap(([name, type]) => (type === 'varchar' ? [name] : []))
  // Quoted texts, so that an empty one is not taken for none.
  return `format csv, header true, nullstr '', force_quote (${texts.join(', ')})`
}

/** What to select from: the rows of a file. */
export function readerSql(table: TableName, path: string, format: ExportFormat): string {
  if (format === 'parquet') return `read_parquet(${quoted(path)})`
  const columns = Object.entries(COLUMNS[table]).map(([name, type]) => `${quoted(name)}: ${quoted(type)}`)
  const types = `columns = {${columns.join(', ')}}`
  if (format === 'jsonl') return `read_json(${quoted(path)}, format = 'newline_delimited', ${types})`
  return `read_csv(${quoted(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, new_line = '\\n', ${types})`
}
