import { openSource } from './open-source.ts'

/** One line without its end, numbered from 1; or what keeps it from being read. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string }

export type LineChunk = {
  readonly lines: readonly Line[]
  /** Bytes of the file that were read so far; of a gzip file these are packed bytes. */
  readonly bytesRead: number
}

/**
 * Encodings in which a line feed is always the byte 10. `latin1` is read as WHATWG has it, which is windows-1252: the
 * same for every character that ISO-8859-1 has.
 */
export const ENCODINGS = ['utf-8', 'latin1'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** A longer line is not kept in memory, but reported as too long. */
export const MAX_LINE_BYTES = 1024 * 1024

/** What keeps a line with a carriage return inside from being read. */
export const STRAY_RETURN = 'has a carriage return in the middle: end every line with a line feed'

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Reads a file of text as lines, a chunk of the file at a time; the next chunk is read only when the caller asks for it,
 * so that memory stays bounded whatever the file holds. A byte order mark and carriage returns at line ends are
 * dropped. Rejects as `openSource` does.
 */
export async function* readLines(
  path: string,
  encoding: Encoding = 'utf-8',
): AsyncGenerator<LineChunk, void, void> {
  const source = await openSource(path)
  const decoder = new TextDecoder(encoding, { fatal: true })
  let number = 0
  let rest: Buffer[] = []
  let restBytes = 0

  function takeLine(last: Buffer): Line {
    number++
    const length = restBytes + last.length
    const bytes = rest.length === 0 ? last : Buffer.concat([...rest, last])
    rest = []
    restBytes = 0
    if (length > MAX_LINE_BYTES) return { number, problem: `is longer than ${MAX_LINE_BYTES} bytes` }
    let end = bytes.length
    while (bytes[end - 1] === CARRIAGE_RETURN) end--
    try {
      return { number, text: decoder.decode(bytes.subarray(0, end)) }
    } catch {
      return { number, problem: 'is not UTF-8 text (--encoding latin1 reads files of western Europe)' }
    }
  }

  function keepRest(bytes: Buffer): void {
    if (restBytes + bytes.length > MAX_LINE_BYTES) rest = []
    else if (bytes.length > 0) rest.push(bytes)
    restBytes += bytes.length
  }

  for await (const chunk of source.chunks) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(takeLine(chunk.subarray(start, end)))
      start = end + 1
    }
    keepRest(chunk.subarray(start))
    yield { lines, bytesRead: source.bytesRead() }
  }
  if (restBytes > 0) yield { lines: [takeLine(Buffer.alloc(0))], bytesRead: source.bytesRead() }
}

/**
 * Whether the text holds a carriage return outside of quotes. Old Macs ended lines with a carriage return alone, so
 * such a text is several lines: read as one, it would lose columns or mix the end of one line with the start of the
 * next.
 */
export function hasStrayReturn(text: string): boolean {
  return text.includes('\r') && text.replaceAll(/"[^"]*"/g, '').includes('\r')
}
