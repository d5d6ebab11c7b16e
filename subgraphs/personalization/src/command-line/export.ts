import { type Command, Option } from 'commander'

const FORMATS = ['parquet', 'jsonl', 'csv'] as const

export type ExportInteractions = {
  readonly folder: string
  readonly format: (typeof FORMATS)[number]
  /** Print the result as one line of JSON. */
  readonly json: boolean
}

export type ExportCandidates = Pick<ExportInteractions, 'folder' | 'json'>

export type ExportCommand =
  | ({ readonly name: 'export interactions' } & ExportInteractions)
  | ({ readonly name: 'export candidates' } & ExportCandidates)

export function defineExportCommands(program: Command, ask: (command: ExportCommand) => void): void {
  const exports = program
    .command('export')
    .summary('write what users did, or were shown, to files, for work elsewhere')
    .helpCommand(false)
  exports
    .command('interactions')
    .summary('write what users did to files of a folder')
    .description(
      `Writes every interaction, ordered by user, item and event id, to files of a million rows: eventId, userId, itemId, type,
value, occurredAt (Parquet: milliseconds since 1970; else RFC 3339) and slateId. JSON lines and CSV can be imported again.
The service may run meanwhile.`,
    )
    .requiredOption('--to <DIR>', 'a folder that is new or empty')
    .addOption(new Option('--format <FORMAT>', 'what files to write').choices(FORMATS).default('parquet'))
    .option('--json', 'print the result as JSON')
    .action(({ to, format, json }: { to: string; format: ExportInteractions['format']; json?: true }) =>
      ask({ name: 'export interactions', folder: to, format, json: json === true }),
    )
  exports
    .command('candidates')
    .summary('write explored slates with all their candidates to a file of a folder')
    .description(
      `Writes the slates that keep their candidates (CANDIDATE_LOG_RATE) as JSON lines: context, served items with propensity
and reward, all candidates in their lists, and the interactions that name the slate. For off-policy work; see
docs/evaluation.md. The service may run meanwhile.`,
    )
    .requiredOption('--to <DIR>', 'a folder that is new or empty')
    .option('--json', 'print the result as JSON')
    .action(({ to, json }: { to: string; json?: true }) =>
      ask({ name: 'export candidates', folder: to, json: json === true }),
    )
}
