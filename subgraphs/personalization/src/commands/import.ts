import type { ImportInteractions, ImportItems } from '../command-line/import.ts'
import type { Interaction } from '../domain/interaction.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { UNKNOWN_TIME } from '../import/columns/interaction-row.ts'
import type { InteractionFormat } from '../import/format.ts'
import { importFile, namingFile, type Rejects } from '../import/import-file.ts'
import { interactionParser, itemParser } from '../import/parsers.ts'
import { readSample } from '../import/source/read-sample.ts'
import type { ImportCounts } from '../import/storing/import-rows.ts'
import { createInteractionWriter, createItemWriter } from '../import/storing/store-rows.ts'
import { TrainingRefusedError } from '../services/training-service.ts'
import { counted, grouped } from '../terminal/terminal.ts'
import { trainAndReport } from '../terminal/train-and-report.ts'
import type { CommandContext } from './context.ts'

type ImportedFile = ImportCounts & Rejects & { readonly seconds: number }

/** About the bytes of a short row. Of gzip files and of lists it gives too few rows. */
const BYTES_PER_ROW = 20

const FORMAT_NAMES: Readonly<Record<InteractionFormat, string>> = {
  csv: 'columns with names',
  jsonl: 'one JSON object a line',
  ratings: 'one rating a line (user item [rating [unix seconds]])',
  lists: 'one user a line (user item item ...)',
}

/** @throws ImportError for a file that cannot be imported at all */
export async function importItems(command: ImportItems, context: CommandContext): Promise<number> {
  const { store, clock, out, err } = context
  const { layout, rejects, json } = command
  return namingFile(command.file, async (path) => {
    const sample = await readSample(path, layout.encoding)
    const parser = itemParser(sample, layout, (line) => err.write(`${line}\n`))
    const imported = await inBulk(context, 0, (rowsPerCall) =>
      importFile({
        ...{ path, encoding: layout.encoding, parser, rejects, clock, err, rowsPerCall },
        // Of rows with the same id the last one counts.
        callsAtOnce: 1,
        store: createItemWriter(store),
      }),
    )
    out.write(
      json
        ? jsonLine({ items: countsOf(imported) })
        : `Items: ${counted(imported.read, 'row')} read, ${summary(imported, 'updated')}\n`,
    )
    return 0
  })
}

/**
 * Imports what users did, with placeholders for items that the catalogue lacks, and then trains a model.
 * @throws ImportError for a file that cannot be imported at all
 */
export async function importInteractions(
  command: ImportInteractions,
  context: CommandContext,
): Promise<number> {
  const { store, clock, out, err } = context
  const { layout, rejects, minValue, json } = command
  const writer = createInteractionWriter(store)
  let undated = 0
  const imported = await namingFile(command.file, async (path, size) => {
    const sample = await readSample(path, layout.encoding)
    const defaults = { type: command.type, now: clock.now() }
    const { format, parser } = interactionParser(sample, layout, command.format, defaults, (line) =>
      err.write(`${line}\n`),
    )
    if (command.format === null) err.write(`${detected(format)}\n`)
    return inBulk(context, size / BYTES_PER_ROW, (rowsPerCall) =>
      importFile({
        ...{ path, encoding: layout.encoding, parser, rejects, clock, err, rowsPerCall },
        callsAtOnce: 2,
        wants: ({ value }) => minValue === null || value === null || value >= minValue,
        store(interactions: readonly Interaction[]) {
          undated += interactions.filter(({ occurredAt }) => occurredAt === UNKNOWN_TIME).length
          return writer.write(interactions)
        },
      }),
    )
  })
  const counts = { ...imported, undated, placeholders: writer.placeholders() }
  if (!json) report(counts, minValue, context)
  const model = command.train && imported.read > 0 ? await train(json, context) : null
  if (json) {
    const { placeholders } = counts
    out.write(
      jsonLine({ interactions: { ...countsOf(imported), undated }, placeholderItems: placeholders, model }),
    )
  }
  return 0
}

/** Leaves the store in order, also where the import fails. What that takes is a part of the import. */
async function inBulk(
  { store, clock }: CommandContext,
  expectedRows: number,
  run: (rowsPerCall: number) => Promise<ImportCounts & Rejects>,
): Promise<ImportedFile> {
  const startedAt = clock.now()
  let counts: ImportCounts & Rejects
  try {
    counts = await run(await store.beginBulkImport(expectedRows))
  } finally {
    await store.endBulkImport()
  }
  return { ...counts, seconds: (clock.now() - startedAt) / 1000 }
}

function report(
  imported: ImportedFile & { readonly undated: number; readonly placeholders: number },
  minValue: number | null,
  { out }: CommandContext,
): void {
  out.write(
    `Interactions: ${grouped(imported.read)} read, ${summary(imported, 'already known')}; ` +
      `${counted(imported.placeholders, 'placeholder item')} made\n`,
  )
  if (minValue !== null) {
    out.write(`Left out: ${counted(imported.leftOut, 'interaction')} with a value below ${minValue}\n`)
  }
  if (imported.undated > 0) {
    const undated = counted(imported.undated, 'interaction')
    out.write(`Without a time: ${undated}, taken as of 1970-01-01, before everything that has one\n`)
  }
}

function detected(format: InteractionFormat): string {
  const others = Object.keys(FORMAT_NAMES).filter((other) => other !== format)
  return `Read as ${FORMAT_NAMES[format]}; --format ${others.join(' or --format ')} if that is wrong`
}

function summary(imported: ImportedFile, knownAs: string): string {
  const { read, added, rejects } = imported
  const rejected =
    rejects === null ? 'none rejected' : `${grouped(imported.rejected)} rejected (see ${rejects})`
  return `${grouped(added)} new, ${grouped(read - added)} ${knownAs}, ${rejected}`
}

/** The same in JSON; names here are what programs read, and only added to. */
function countsOf({ read, added, leftOut, rejected, rejects, seconds }: ImportedFile) {
  return { read, new: added, known: read - added, leftOut, rejected, rejectsFile: rejects, seconds }
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** What was trained, or null where there is nothing to train on: the import itself has succeeded all the same. */
async function train(
  quiet: boolean,
  { training, clock, out, err }: CommandContext,
): Promise<Pick<ModelVersion, 'id' | 'algorithm' | 'trainingData'> | null> {
  try {
    const { id, algorithm, trainingData } = await trainAndReport({
      ...{ training, clock, err, owner: 'import', reason: 'interactions were imported' },
      out: quiet ? { write: () => undefined } : out,
    })
    return { id, algorithm, trainingData }
  } catch (error) {
    if (!(error instanceof TrainingRefusedError)) throw error
    ;(quiet ? err : out).write(`No model was trained: ${error.message}\n`)
    return null
  }
}
