import { keySchema } from '@bulkhead/contracts'
import { urlOption } from '@bulkhead/service/api/url-option'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { instant, wholeNumber } from '@bulkhead/service/option-values'
import { InvalidArgumentError, Option } from 'commander'
import { type BootstrapCommand, defineBootstrapCommands } from './bootstrap.ts'
import { defineExperimentCommands, type ExperimentCommand } from './experiment.ts'
import { definePower, type PowerCommand } from './power.ts'

const NPM = 'npm run experimentation --'

const SETTINGS = `
Settings: DATASTORE_URL, or DATA_DIR (.data) for the embedded datastore; LOG_LEVEL. Commands that call the API:
BULKHEAD_URL (http://127.0.0.1:4000/graphql) and BULKHEAD_TOKEN. On Spark: SPARK_SQL_COMMAND (spark-sql).`

/** How the API is reached. */
type ApiOptions = {
  /** Null for the one of BULKHEAD_URL. */
  readonly url: string | null
}

const ENGINES = ['duckdb', 'spark'] as const
type Engine = (typeof ENGINES)[number]
const FORMATS = ['parquet', 'jsonl', 'csv'] as const
type Format = (typeof FORMATS)[number]

/** What sums are made of, and on what: the whole log on DuckDB where there is no export. */
export type SumsSource = { readonly engine: Engine; readonly exportFolder: string | null }
type SourceOptions = { readonly engine: Engine; readonly export?: string }

type AnalyzeOptions = SourceOptions & {
  cutoff?: number
  asOf?: number
  json?: true
  store?: true
  url?: string
}

export type Command =
  | { readonly name: 'demo'; readonly ifEmpty: boolean }
  | { readonly name: 'migrate' }
  | {
      readonly name: 'analyze'
      readonly experimentKey: string
      /** Epoch milliseconds; null for now. */
      readonly cutoff: number | null
      /** An ingest position; null for the last one. */
      readonly asOf: number | null
      readonly json: boolean
      /** Has the service store it, through the API; null computes it here and stores nothing. */
      readonly store: ApiOptions | null
      readonly source: SumsSource
    }
  | {
      readonly name: 'replay'
      readonly analysisId: string
      readonly json: boolean
      readonly source: SumsSource
    }
  | {
      readonly name: 'export'
      readonly format: Format
      readonly folder: string
      /** The name under which retention waits for it; null to leave that as it is. */
      readonly archive: string | null
    }
  | { readonly name: 'analyst' }
  | PowerCommand
  | ExperimentCommand
  | BootstrapCommand
  | { readonly name: 'audit-verify' }
  | { readonly name: 'reset' }

const EXPORT_OPTION = ['--export <DIR>', 'from this export, and on DuckDB from the events beyond it'] as const

function engineOption(): Option {
  return new Option(
    '--engine <ENGINE>',
    'what computes the sums; spark needs --export, and runs SPARK_SQL_COMMAND',
  )
    .choices(ENGINES)
    .default('duckdb')
}

function readArchive(text: string): string {
  const name = keySchema.safeParse(text)
  if (!name.success) throw new InvalidArgumentError('It is not a key such as main.')
  return name.data
}

/** Reads the arguments of `npm run experimentation --`; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<Command> {
  return readCommandLine<Command>({
    program: NPM,
    args,
    define(program, ask) {
      program.addHelpText('after', SETTINGS)
      function sourceOf({ engine, export: folder }: SourceOptions): SumsSource {
        if (engine === 'spark' && folder === undefined) {
          program.error('--engine spark reads an export: name its folder with --export')
        }
        return { engine, exportFolder: folder ?? null }
      }
      defineExperimentCommands(program, ask)
      defineBootstrapCommands(program, ask)
      program
        .command('demo')
        .summary('create and start the demo experiment')
        .description(
          `Creates and starts the demo experiment. It needs SNAPSHOT_SIGNING_KEY_ID and SNAPSHOT_SIGNING_KEY, which the launcher
sets. Reviewers of the demo approve it, so the command is refused with NODE_ENV=production.`,
        )
        .option('--if-empty', 'only where there is no other experiment')
        .action(({ ifEmpty }: { ifEmpty?: true }) => ask({ name: 'demo', ifEmpty: ifEmpty === true }))
      program
        .command('analyze')
        .summary('compute the results of an experiment')
        .description(
          `Reads all events, and prints the results of an experiment, its health checks and what the decision rule recommends.
Nothing is stored, unless --store says so; the service may run meanwhile. With --store the service computes and stores it:
the command calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs the scopes experiments:write and
experiments:read.`,
        )
        .argument('<EXPERIMENT>', 'its key')
        .option('--cutoff <TIME>', 'only what occurred before it, such as 2026-01-31T00:00:00Z', instant)
        .option(
          '--as-of <POSITION>',
          'only events up to it: with the cutoff of an earlier run, its results',
          wholeNumber(0),
        )
        .option('--json', 'everything, for programs')
        .option('--store', 'have the service compute it and store it')
        .addOption(urlOption('with --store: the GraphQL endpoint, instead of BULKHEAD_URL'))
        .option(...EXPORT_OPTION)
        .addOption(engineOption())
        .action((experimentKey: string, options: AnalyzeOptions) => {
          const { cutoff, asOf, json, store, url } = options
          const source = sourceOf(options)
          if (store && (options.export !== undefined || options.engine !== 'duckdb')) {
            program.error('--export and --engine are not for --store: the service has its own')
          }
          if (store && asOf !== undefined) {
            program.error('--as-of is not for --store: a stored analysis has all that there is')
          }
          if (!store && url !== undefined) program.error('--url is for --store only')
          ask({
            name: 'analyze',
            experimentKey,
            cutoff: cutoff ?? null,
            asOf: asOf ?? null,
            json: json === true,
            store: store ? { url: url ?? null } : null,
            source,
          })
        })
      program
        .command('replay')
        .summary('compute a stored analysis again, and compare')
        .description(
          `Computes a stored analysis again from the events and from what was stored with it: its plan, the versions of its metrics,
its cutoff and its position. Prints whether the hash is the same, else which parts differ, and how many of its events were
erased since; exits with 1 where it differs. It only reads; the service may run meanwhile.`,
        )
        .argument('<ANALYSIS>', 'its id')
        .option('--json', 'everything, for programs')
        .option(...EXPORT_OPTION)
        .addOption(engineOption())
        .action((analysisId: string, options: SourceOptions & { json?: true }) =>
          ask({ name: 'replay', analysisId, json: options.json === true, source: sourceOf(options) }),
        )
      program
        .command('export')
        .summary('write the events to files, for other engines and for what retention erases')
        .description(
          `Writes the events that analyses need to files of position ranges, with a manifest that lists them. Run it again to go on, also
after it was killed: it adds what is new, and writes the files again that hold units that were erased since. The service may
run meanwhile.`,
        )
        .requiredOption('--to <DIR>', 'a folder that is empty, or holds the export to go on with')
        .addOption(new Option('--format <FORMAT>', 'what files to write').choices(FORMATS).default('parquet'))
        .option(
          '--archive <NAME>',
          'have retention wait for this export, in services with EVENT_ARCHIVE=NAME; remembered in the folder',
          readArchive,
        )
        .action(({ to, format, archive }: { to: string; format: Format; archive?: string }) =>
          ask({ name: 'export', format, folder: to, archive: archive ?? null }),
        )
      program
        .command('analyst')
        .summary('follow the events and analyse, in a process of its own')
        .description(
          `Runs until it is stopped (SIGTERM). It takes part in analysing: one process at a time holds the lease, follows the events
in ANALYSIS_FILE, counts exposures, computes the analyses that are asked for and those of the schedule, and calls webhooks.
Set ANALYSIS=off for the replicas then, so that they start none beside themselves. It answers /healthz, /readyz and
/metrics on ANALYST_HOST and ANALYST_PORT (4003).`,
        )
        .action(() => ask({ name: 'analyst' }))
      definePower(program, ask)
      const audit = program.command('audit').summary('verify the audit log')
      audit
        .command('verify')
        .summary('replay the audit log and compare it with what is stored')
        .description(
          `Replays the audit log and compares its end with every experiment and metric that is stored. Prints where anything was
changed, removed, inserted or reordered, and then exits with 1. It only reads, and refuses a datastore
whose schema is behind; the service may run meanwhile.`,
        )
        .action(() => ask({ name: 'audit-verify' }))
      program
        .command('migrate')
        .summary('bring the schema of the datastore up to date')
        .description(
          `Brings the schema of the datastore up to date, which may take as long as there is data to move. With
NODE_ENV=production the service does not do it at its start, and refuses to start before it is done. Stop every replica
first: an older release cannot store events any more, and what else it writes, this one may not read.`,
        )
        .action(() => ask({ name: 'migrate' }))
      program
        .command('reset')
        .summary('delete all data of this subgraph')
        .description(
          `Deletes all data of this subgraph. Stop the service first: an SQLite file in use is refused, but MongoDB cannot tell.`,
        )
        .option('--yes', 'it is meant')
        .action(({ yes }: { yes?: true }) => {
          if (!yes) program.error('reset deletes all data of this subgraph: add --yes if that is meant')
          ask({ name: 'reset' })
        })
    },
  })
}
