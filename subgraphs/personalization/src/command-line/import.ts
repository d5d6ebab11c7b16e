import { INTERACTION_TYPES, type InteractionType } from '@bulkhead/contracts'
import { finiteNumber } from '@bulkhead/service/option-values'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { interactionField } from '../import/columns/interaction-columns.ts'
import { itemField } from '../import/columns/item-columns.ts'
import { INTERACTION_FORMATS, type InteractionFormat, type Layout } from '../import/format.ts'
import { readSeparator } from '../import/rows/separators.ts'
import { ENCODINGS } from '../import/source/read-lines.ts'

const NPM = 'npm run personalization --'

type ImportFile = {
  readonly file: string
  /** Where lines that cannot be read go; null for a file beside the input. */
  readonly rejects: string | null
  readonly layout: Layout
  /** Print the result as one line of JSON. */
  readonly json: boolean
}

export type ImportItems = ImportFile

export type ImportInteractions = ImportFile & {
  /** Null: detected from the first lines. */
  readonly format: InteractionFormat | null
  /** The type of interactions that have none in the file. */
  readonly type: InteractionType
  /** Rows with a smaller value are left out; null for none. */
  readonly minValue: number | null
  readonly train: boolean
}

export type ImportCommand =
  | ({ readonly name: 'import items' } & ImportItems)
  | ({ readonly name: 'import interactions' } & ImportInteractions)

export const IMPORT_EXAMPLES = `
Examples:
  ${NPM} import items books.csv
  ${NPM} import interactions ratings.tsv
  ${NPM} import interactions likes.csv --type LIKE --no-train
  ${NPM} import items movies.csv --map movieId=id --map genres=categories
  ${NPM} import interactions ratings.csv.gz --map movieId=itemId --min-value 4`

const FORMATS = `
Formats (plain, or packed with gzip):
  csv      columns with names: a header, or --header, with userId, itemId, and if there are any type, value (or rating),
           occurredAt (or timestamp), slateId, eventId; other columns are ignored, and named before the import starts.
           The separator is seen: comma, semicolon, tab, | or ::
  jsonl    one JSON object a line, with the same names
  ratings  one interaction a line without names: user item [rating [Unix seconds]], separated by white space or ::
  lists    one user a line: user item item ...

Times in columns are RFC 3339 (2026-01-31T12:00:00Z), the same with a space and no zone (2026-01-31 12:00:00, in UTC), a
date (midnight UTC), Unix seconds (9 to 11 digits, since 1973) or Unix milliseconds (12 to 14 digits). Rows without a
time count as of 1970-01-01, before everything that has one.
A file can be imported again, also one whose import was killed: what is known already is not counted twice. A row without
an eventId is known by its user, item, type and time.
Items that the catalogue lacks become placeholders, titled by their id.
Published data sets, command by command: docs/importing.md`

const ITEM_FORMATS = `
Formats (plain, or packed with gzip): columns with names, separated by comma, semicolon, tab, | or ::, or one JSON object
a line. Published data sets, command by command: docs/importing.md`

type LayoutOptions = {
  readonly encoding: Layout['encoding']
  readonly separator?: string
  readonly header?: readonly string[]
  readonly quotes: boolean
  readonly map: ReadonlyMap<string, string>
  readonly rejects?: string
  readonly json?: true
}

type InteractionOptions = LayoutOptions & {
  readonly format?: InteractionFormat
  readonly type: InteractionType
  readonly minValue?: number
  readonly train: boolean
}

export function defineImportCommands(program: Command, ask: (command: ImportCommand) => void): void {
  const imports = program
    .command('import')
    .summary('read a catalogue (items FILE), or what users did (interactions FILE)')
    .helpCommand(false)
    .addHelpText('after', IMPORT_EXAMPLES)
  const items = imports
    .command('items')
    .summary('read a catalogue (CSV or JSON lines)')
    .description(
      `Reads a catalogue: id (or itemId), and if there are any title, creator, categories and markets (each
separated by |), available (true or false), availableFrom and availableUntil (times), createdAt (RFC 3339, a date, Unix seconds or milliseconds; 1970-01-01 where it is not given). Every
other column becomes an attribute of the item. Items that are known already are replaced.`,
    )
    .argument('<FILE>')
  withLayout(items, itemField, 'movieId=id')
    .addHelpText('after', `${ITEM_FORMATS}\n${IMPORT_EXAMPLES}`)
    .action((file: string, options: LayoutOptions) =>
      ask({ name: 'import items', file, ...fileOptions(options) }),
    )
  const interactions = imports
    .command('interactions')
    .summary('read what users did (CSV, JSON lines, ratings or lists), then train a model')
    .description('Reads what users did, and trains a model on it.')
    .argument('<FILE>')
    .addOption(
      new Option(
        '--format <FORMAT>',
        'seen from the first lines where it is not given; needed where "user item number" may also be a list',
      ).choices(INTERACTION_FORMATS),
    )
    .option(
      '--type <TYPE>',
      `the type of interactions that name none: ${INTERACTION_TYPES.join(', ')}`,
      readType,
      'PLAY',
    )
    .option('--min-value <N>', 'leave out rows whose value (or rating) is smaller', finiteNumber)
  withLayout(interactions, interactionField, 'movieId=itemId')
    .option('--no-train', 'train no model at the end')
    .addHelpText('after', `${FORMATS}\n${IMPORT_EXAMPLES}`)
    .action((file: string, options: InteractionOptions) =>
      ask({
        name: 'import interactions',
        file,
        ...fileOptions(options),
        format: options.format ?? null,
        type: options.type,
        minValue: options.minValue ?? null,
        train: options.train,
      }),
    )
}

function withLayout(command: Command, fieldOf: (name: string) => string | null, example: string): Command {
  function readMap(text: string, map: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const at = text.lastIndexOf('=')
    const [column, name] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    if (at < 1 || column === '') throw new InvalidArgumentError(`Write COLUMN=FIELD, such as ${example}.`)
    const field = fieldOf(name)
    if (field === null) throw new InvalidArgumentError(`There is no field ${name}; --help names all.`)
    return new Map([...map, [column, field]])
  }
  return command
    .option(
      '--map <COLUMN=FIELD>',
      `a column that has another name: ${example}; repeatable`,
      readMap,
      new Map(),
    )
    .option('--header <NAMES>', 'the columns of a file without a header, separated by commas', readHeader)
    .option('--separator <TEXT>', 'what separates columns: , ; | :: tab space or other text', separator)
    .option('--no-quotes', 'quotes are text, and enclose nothing')
    .addOption(new Option('--encoding <NAME>', 'of the file').choices(ENCODINGS).default('utf-8'))
    .option('--rejects <FILE>', 'where lines that cannot be read are kept (default: FILE.rejects.txt)')
    .option('--json', 'print the result as JSON')
}

function fileOptions(options: LayoutOptions): Omit<ImportFile, 'file'> {
  const { encoding, separator: text = null, header = null, quotes, map, rejects = null, json } = options
  return { rejects, json: json === true, layout: { encoding, separator: text, header, quotes, map } }
}

function readHeader(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.length < 2 || names.includes('')) {
    throw new InvalidArgumentError('Write the names of all columns, such as userId,itemId,rating,timestamp.')
  }
  return names
}

function separator(text: string): string {
  const read = readSeparator(text)
  if (read === null) throw new InvalidArgumentError('Use up to 8 characters without quotes, or tab or space.')
  return read
}

function readType(text: string): InteractionType {
  const type = INTERACTION_TYPES.find((known) => known === text.toUpperCase())
  if (type === undefined) throw new InvalidArgumentError(`Use one of ${INTERACTION_TYPES.join(', ')}.`)
  return type
}
