import { ImportError } from '../import-error.ts'
import { openSource } from './open-source.ts'
import { type Encoding, hasStrayReturn } from './read-lines.ts'

const SAMPLE_BYTES = 64 * 1024
const SAMPLE_LINES = 200
const OLD_LINE_ENDS =
  'its first line holds a carriage return without a line feed, which ended lines on old Macs: write line feeds in their ' +
  "place, for example with `tr '\\r' '\\n' < FILE > NEW`"

/**
 * The first lines of a file that are not empty, without a last line that is incomplete.
 * @throws ImportError for a file without any text, or whose lines end in carriage returns alone, or as `openSource`
 */
export async function readSample(path: string, encoding: Encoding = 'utf-8'): Promise<readonly string[]> {
  const { chunks } = await openSource(path)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes >= SAMPLE_BYTES) break
  }
  const text = new TextDecoder(encoding).decode(Buffer.concat(parts).subarray(0, SAMPLE_BYTES))
  const lines = text.split(/\r?\n/)
  if (bytes >= SAMPLE_BYTES && lines.length > 1) lines.pop()
  const filled = lines.filter((line) => line.trim() !== '').slice(0, SAMPLE_LINES)
  const [first] = filled
  if (first === undefined) throw new ImportError('it is empty')
  if (hasStrayReturn(first.trimEnd())) throw new ImportError(OLD_LINE_ENDS)
  return filled
}
