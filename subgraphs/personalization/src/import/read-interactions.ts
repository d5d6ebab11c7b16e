import type { Interaction } from '../domain/interaction.ts'
import type { InteractionFormat, Layout } from './format.ts'
import { ImportError } from './import-error.ts'
import { namingFile } from './import-file.ts'
import { interactionParser } from './parsers.ts'
import type { Row } from './rows/row-parser.ts'
import { readLines } from './source/read-lines.ts'
import { readSample } from './source/read-sample.ts'

const LAYOUT: Layout = { encoding: 'utf-8', separator: null, header: null, quotes: true, map: new Map() }

/**
 * The interactions of a file in any of the formats that can be imported, a chunk of the file at a time, without storing
 * them. Rows that name no type are PLAY.
 * @param options.format null to detect it
 * @param options.now epoch milliseconds
 * @param options.use is given the rows of each chunk
 * @throws ImportError, naming the file, where it cannot be read, and at the first bad line: with a part of the rows
 *   whatever is computed from them would be wrong
 */
export async function readInteractions(
  file: string,
  options: {
    readonly format: InteractionFormat | null
    readonly now: number
    readonly onNotice: (line: string) => void
    readonly use: (interactions: readonly Interaction[]) => void
  },
): Promise<void> {
  const { format, now, onNotice, use } = options
  async function read(path: string): Promise<void> {
    const sample = await readSample(path)
    const { parser } = interactionParser(sample, LAYOUT, format, { type: 'PLAY', now }, onNotice)
    for await (const { lines } of readLines(path, LAYOUT.encoding)) {
      for (const line of lines) use(parser.push(line).map(valueOrThrow))
    }
    use(parser.end().map(valueOrThrow))
  }
  await namingFile(file, read, 'read')
}

function valueOrThrow(row: Row<Interaction>): Interaction {
  if ('problem' in row) throw new ImportError(`line ${row.line} ${row.problem}`)
  return row.value
}
