import { resolve } from 'node:path'
import type { Interaction } from '../domain/interaction.ts'
import { detectInteractionFormat, type InteractionFormat, readSample } from './detect-format.ts'
import { ImportError } from './import-error.ts'
import { interactionParser } from './interaction-parser.ts'
import { readLines } from './read-lines.ts'
import type { Row } from './row-parser.ts'

/**
 * The interactions of a file in any of the formats that can be imported, a chunk of the file at a time, without storing
 * them. Rows that name no type are PLAY.
 * @param options.format null to detect it
 * @param options.now epoch milliseconds
 * @throws ImportError, naming the file, where it cannot be read, and at the first bad line: with a part of the rows
 *   whatever is computed from them would be wrong
 */
export async function* readInteractions(
  file: string,
  options: {
    readonly format: InteractionFormat | null
    readonly now: number
    readonly onNotice: (line: string) => void
  },
): AsyncGenerator<readonly Interaction[], void, void> {
  const path = resolve(file)
  try {
    const sample = await readSample(path)
    const format = options.format ?? detectInteractionFormat(sample)
    const defaults = { type: 'PLAY', now: options.now } as const
    const parser = interactionParser(format, sample[0] ?? '', defaults, options.onNotice)
    for await (const { lines } of readLines(path)) {
      for (const line of lines) yield parser.push(line).map(valueOrThrow)
    }
    yield parser.end().map(valueOrThrow)
  } catch (error) {
    if (error instanceof ImportError || (error instanceof Error && 'syscall' in error)) {
      throw new ImportError(`cannot read ${path}: ${error.message}`)
    }
    throw error
  }
}

function valueOrThrow(row: Row<Interaction>): Interaction {
  if ('problem' in row) throw new ImportError(`line ${row.line} ${row.problem}`)
  return row.value
}
