import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { InteractionType } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { TrainingRefusedError, type TrainingService } from '../services/training-service.ts'
import { createProgress } from '../terminal/progress.ts'
import { counted, grouped, type Terminal } from '../terminal/terminal.ts'
import { trainAndReport } from '../terminal/train-and-report.ts'
import { createCsvParser } from './csv-rows.ts'
import {
  detectDelimiter,
  detectInteractionFormat,
  type InteractionFormat,
  readSample,
} from './detect-format.ts'
import { ImportError } from './import-error.ts'
import { type ImportCounts, importRows } from './import-rows.ts'
import { interactionParser } from './interaction-parser.ts'
import { UNKNOWN_TIME } from './interaction-row.ts'
import { readItemHeader } from './item-csv.ts'
import { createRejectsFile } from './rejects-file.ts'
import type { RowParser } from './row-parser.ts'
import { createInteractionWriter, createItemWriter } from './store-rows.ts'

export type ImportItems = { readonly file: string; readonly rejects: string | null }

export type ImportInteractions = {
  readonly file: string
  readonly rejects: string | null
  /** Null: detected from the first lines. */
  readonly format: InteractionFormat | null
  /** The type of interactions that have none in the file. */
  readonly type: InteractionType
  readonly train: boolean
}

export type ImportOptions = {
  readonly store: PersonalizationStore
  readonly training: TrainingService
  readonly clock: Clock
  readonly out: Terminal
  readonly err: Terminal
}

/** Upper bound on rejected lines on the terminal; the rejects file has all of them. */
const SHOWN_REJECTS = 20

const FORMAT_NAMES: Readonly<Record<InteractionFormat, string>> = {
  csv: 'CSV with a header',
  ratings: 'one rating a line (user item [rating [unix seconds]])',
  lists: 'one user a line (user item item ...)',
}

/**
 * Imports a catalogue.
 * @returns the exit code: 0 if any item was imported
 * @throws ImportError for a file that cannot be imported at all
 */
export async function importItems(command: ImportItems, options: ImportOptions): Promise<number> {
  const { store, clock, out, err } = options
  return naming(command.file, async (path) => {
    const [header = ''] = await readSample(path)
    const parser = createCsvParser({ delimiter: detectDelimiter(header), readHeader: readItemHeader })
    const write = createItemWriter(store)
    const { counts, rejects } = await run({ path, parser, write, rejects: command.rejects, clock, err })
    out.write(`Items: ${counted(counts.read, 'row')} read, ${summary(counts, 'updated', rejects)}\n`)
    return exitCode(counts)
  })
}

/**
 * Imports what users did, with placeholders for items that the catalogue lacks, and then trains a model.
 * @returns the exit code: 0 if any interaction was imported, or was already known
 * @throws ImportError for a file that cannot be imported at all
 */
export async function importInteractions(
  command: ImportInteractions,
  options: ImportOptions,
): Promise<number> {
  const { store, clock, out, err } = options
  const code = await naming(command.file, async (path) => {
    const sample = await readSample(path)
    const format = command.format ?? detectInteractionFormat(sample)
    if (command.format === null) err.write(`${detected(format)}\n`)
    const parser = interactionParser(
      format,
      sample[0] ?? '',
      { type: command.type, now: clock.now() },
      (line) => err.write(`${line}\n`),
    )
    const writer = createInteractionWriter(store)
    let undated = 0
    function write(interactions: readonly Interaction[]): Promise<number> {
      undated += interactions.filter(({ occurredAt }) => occurredAt === UNKNOWN_TIME).length
      return writer.write(interactions)
    }
    const { counts, rejects } = await run({ path, parser, write, rejects: command.rejects, clock, err })
    out.write(
      `Interactions: ${grouped(counts.read)} read, ${summary(counts, 'already known', rejects)}; ` +
        `${counted(writer.placeholders(), 'placeholder item')} made\n`,
    )
    if (undated > 0) {
      out.write(
        `Without a time: ${counted(undated, 'interaction')}, taken as of 1970-01-01, before everything that has one\n`,
      )
    }
    return exitCode(counts)
  })
  if (code === 0 && command.train) await train(options)
  return code
}

/** Makes every error about a file an ImportError whose message begins with the file's name. */
async function naming<T>(file: string, run: (path: string) => Promise<T>): Promise<T> {
  const path = resolve(file)
  try {
    if ((await stat(path)).isDirectory()) throw new ImportError('it is a folder')
    return await run(path)
  } catch (error) {
    if (error instanceof ImportError) throw new ImportError(`cannot import ${path}: ${error.message}`)
    if (error instanceof Error && 'syscall' in error && 'code' in error) {
      throw new ImportError(`cannot read ${path}: ${error.message}`)
    }
    throw error
  }
}

async function run<Value>(options: {
  readonly path: string
  readonly parser: RowParser<Value>
  readonly write: (rows: readonly Value[]) => Promise<number>
  readonly rejects: string | null
  readonly clock: Clock
  readonly err: Terminal
}): Promise<{ counts: ImportCounts; rejects: string | null }> {
  const { path, clock, err } = options
  const { size } = await stat(path)
  const rejects = createRejectsFile({ input: path, path: options.rejects })
  const progress = createProgress({ terminal: err, clock, title: 'Importing' })
  let rejected = 0
  try {
    const counts = await importRows({
      path,
      parser: options.parser,
      store: options.write,
      onRejected(row) {
        rejected++
        rejects.write(row)
        if (rejected <= SHOWN_REJECTS) progress.note(`line ${row.line} ${row.problem}`)
        if (rejected === SHOWN_REJECTS) progress.note(`further bad lines go to ${rejects.path()} only`)
      },
      onProgress: (bytesRead, { read }) => progress.update(bytesRead / size, `${counted(read, 'row')}`),
    })
    return { counts, rejects: rejects.path() }
  } finally {
    progress.end()
    rejects.close()
  }
}

function detected(format: InteractionFormat): string {
  const others = Object.keys(FORMAT_NAMES).filter((other) => other !== format)
  return `Read as ${FORMAT_NAMES[format]}; --format ${others.join(' or --format ')} if that is wrong`
}

function summary(counts: ImportCounts, knownAs: string, rejects: string | null): string {
  const rejected =
    rejects === null ? 'none rejected' : `${grouped(counts.rejected)} rejected (see ${rejects})`
  return `${grouped(counts.added)} new, ${grouped(counts.read - counts.added)} ${knownAs}, ${rejected}`
}

function exitCode(counts: ImportCounts): number {
  if (counts.read > 0) return 0
  throw new ImportError(counts.rejected > 0 ? 'every line of it is bad' : 'it holds no rows')
}

async function train({ training, clock, out, err }: ImportOptions): Promise<void> {
  try {
    await trainAndReport({ training, clock, out, err, owner: 'import', reason: 'interactions were imported' })
  } catch (error) {
    // The import itself has succeeded, even if there is nothing to train on.
    if (!(error instanceof TrainingRefusedError)) throw error
    out.write(`No model was trained: ${error.message}\n`)
  }
}
