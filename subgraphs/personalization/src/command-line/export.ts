import { type Command, Option } from 'commander'

const FORMATS = ['parquet', 'jsonl', 'csv'] as const

export type ExportInteractions = {
  readonly folder: string
  readonly format: (typeof FORMATS)[number]
  /** Print the result as one line of JSON. */
  readonly json: boolean
}

export type ExportCommand = { readonly name: 'export interactions' } & ExportInteractions

export function defineExportCommands(program: Command, ask: (command: ExportCommand) => void): void {
  const exports = program
    .command('export')
    .summary('write what users did to files, for training elsewhere')
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
}
