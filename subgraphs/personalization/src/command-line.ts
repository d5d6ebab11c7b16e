import { parseArgs } from 'node:util'
import { INTERACTION_TYPES } from '@bulkhead/contracts'
import type { DemoCommand } from './demo/demo-command.ts'
import { INTERACTION_FORMATS } from './import/detect-format.ts'
import type { ImportInteractions, ImportItems } from './import/import-command.ts'

const NPM = 'npm run personalization --'

const USAGE = `${NPM} COMMAND

  import items FILE          reads a catalogue (CSV)
  import interactions FILE   reads what users did (CSV, or separated by white space), then trains a model
  train                      trains a model on everything that is stored
  demo                       loads the demo's music catalogue and listeners, then trains a model
  reset --yes                deletes everything that this subgraph keeps

  ${NPM} COMMAND --help says more about each.

Environment: DATASTORE_URL (sqlite:PATH or mongodb://HOST/DATABASE; by default SQLite in DATA_DIR, which is .data)
`

const ITEMS_USAGE = `${NPM} import items FILE [--rejects FILE]

  Reads a CSV file with a header: id, and if there are any title, creator, categories (separated by |), available
  (true or false), createdAt (RFC 3339, a date, Unix seconds or milliseconds; 1970-01-01 where it is not given). Every
  other column becomes an attribute of the item.
  Items that are known already are replaced. Lines that cannot be read are kept, with their numbers and reasons, in
  FILE.rejects.txt or where --rejects says.

  ${NPM} import items books.csv
`

const INTERACTIONS_USAGE = `${NPM} import interactions FILE [options]

  --format FORMAT  csv      a header with userId, itemId, and if there are any type, value (or rating), occurredAt (or
                            timestamp), slateId, eventId; other columns are ignored, and named before the import starts
                   ratings  one interaction a line: user item [rating [Unix seconds]]
                   lists    one user a line: user item item ...
                   Seen from the first lines where it is not given; needed where "user item number" may also be a list.
  --type TYPE      the type of interactions that name none (PLAY): ${INTERACTION_TYPES.join(', ')}
  --rejects FILE   where lines that cannot be read are kept (FILE.rejects.txt)
  --no-train       train no model at the end

  Times in CSV are RFC 3339 (2026-01-31T12:00:00Z), a date (midnight UTC), Unix seconds (9 to 11 digits, since 1973) or
  Unix milliseconds (12 to 14 digits). Rows without a time count as of 1970-01-01, before everything that has one.
  A file can be imported again: what is known already is not counted twice. A row without an eventId is known by its
  user, item, type and time.
  Items that the catalogue lacks become placeholders, titled by their id.

  ${NPM} import interactions ratings.tsv
  ${NPM} import interactions likes.csv --type LIKE --no-train
`

const TRAIN_USAGE = `${NPM} train

  Trains an item-to-item model on every click, play and like that is stored, and puts it into production, in place
  of whatever model was there. Nothing happens where the model in production was trained on the same data; where only
  the newest one that is not in production was, that one is promoted again.
`

const DEMO_USAGE = `${NPM} demo [--if-empty] [--seed N]

  Loads about 2,000 invented tracks, 500 listeners and 60,000 interactions, and trains a model on them.
  It refuses a datastore that holds anything else; with --if-empty it leaves that alone and says so.
  --seed N         other tracks and tastes, the same for the same N (1)
`

const RESET_USAGE = `${NPM} reset --yes

  Deletes everything that this subgraph keeps: the SQLite file, or the MongoDB database, that DATASTORE_URL names.
  Stop the service first: an SQLite file in use is refused, but MongoDB cannot tell.
`

export type Command =
  | ({ readonly name: 'import items' } & ImportItems)
  | ({ readonly name: 'import interactions' } & ImportInteractions)
  | { readonly name: 'train' }
  | ({ readonly name: 'demo' } & DemoCommand)
  | { readonly name: 'reset' }
  | { readonly name: 'help'; readonly text: string }
  /** One line that says what to change. */
  | { readonly name: 'refused'; readonly message: string }

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  format: { type: 'string' },
  type: { type: 'string' },
  rejects: { type: 'string' },
  'no-train': { type: 'boolean' },
  'if-empty': { type: 'boolean' },
  seed: { type: 'string' },
  yes: { type: 'boolean' },
} as const

type OptionName = keyof typeof OPTIONS
type Values = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean
}

type CommandDefinition = {
  readonly usage: string
  readonly takesFile: boolean
  readonly options: readonly OptionName[]
  readonly read: (file: string, values: Values) => Command
}

const COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  'import items': {
    usage: ITEMS_USAGE,
    takesFile: true,
    options: ['rejects'],
    read: (file, { rejects }) => ({ name: 'import items', file, rejects: rejects ?? null }),
  },
  'import interactions': {
    usage: INTERACTIONS_USAGE,
    takesFile: true,
    options: ['format', 'type', 'rejects', 'no-train'],
    read: readImportInteractions,
  },
  train: { usage: TRAIN_USAGE, takesFile: false, options: [], read: () => ({ name: 'train' }) },
  demo: { usage: DEMO_USAGE, takesFile: false, options: ['if-empty', 'seed'], read: readDemo },
  reset: { usage: RESET_USAGE, takesFile: false, options: ['yes'], read: readReset },
}

/** Reads the arguments of `npm run personalization --`; never throws. */
export function parseCommandLine(args: readonly string[]): Command {
  let parsed: { values: Values; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Of what parseArgs says, the first line names the argument; the others explain Node's parser.
    return refused(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
  const { values, positionals } = parsed
  const words = positionals[0] === 'import' ? 2 : 1
  const name = positionals.slice(0, words).join(' ')
  const rest = positionals.slice(words)
  const definition = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (definition === undefined) {
    if (name === 'import' && values.help)
      return { name: 'help', text: `${ITEMS_USAGE}\n${INTERACTIONS_USAGE}` }
    if (name === '') return { name: 'help', text: USAGE }
    return refused(
      name === 'import'
        ? 'import what? `import items FILE` or `import interactions FILE`'
        : `there is no command "${name}"`,
    )
  }
  if (values.help) return { name: 'help', text: definition.usage }
  const foreign = Object.keys(values).find((option) => !definition.options.some((own) => own === option))
  if (foreign !== undefined) return refused(`${name} has no option --${foreign}`, name)
  if (rest.length > (definition.takesFile ? 1 : 0)) return refused(`unexpected "${rest.at(-1)}"`, name)
  const [file = ''] = rest
  if (definition.takesFile && file === '') return refused(`${name} needs a FILE`, name)
  return definition.read(file, values)
}

function readImportInteractions(file: string, values: Values): Command {
  const format = INTERACTION_FORMATS.find((known) => known === values.format)
  if (values.format !== undefined && format === undefined) {
    return refused(
      `--format ${values.format} is none of ${INTERACTION_FORMATS.join(', ')}`,
      'import interactions',
    )
  }
  const type = INTERACTION_TYPES.find((known) => known === (values.type ?? 'PLAY').toUpperCase())
  if (type === undefined) {
    return refused(`--type ${values.type} is none of ${INTERACTION_TYPES.join(', ')}`, 'import interactions')
  }
  return {
    name: 'import interactions',
    file,
    rejects: values.rejects ?? null,
    format: format ?? null,
    type,
    train: values['no-train'] !== true,
  }
}

function readDemo(_: string, values: Values): Command {
  const seed = values.seed ?? '1'
  if (!/^\d{1,15}$/.test(seed)) return refused(`--seed ${seed} is not a whole number`, 'demo')
  return { name: 'demo', ifEmpty: values['if-empty'] === true, seed: Number(seed) }
}

function readReset(_: string, values: Values): Command {
  if (values.yes === true) return { name: 'reset' }
  return refused('reset deletes everything that this subgraph keeps: add --yes if that is meant', 'reset')
}

function refused(message: string, command = ''): Command {
  return { name: 'refused', message: `${message}; see ${NPM} ${command === '' ? '' : `${command} `}--help` }
}
