const CR = 0x0d
const LF = 0x0a

/** Of a line that gives the size of a chunk, and of all trailers together. */
const MAX_LINE_BYTES = 4_096
const MAX_TRAILER_BYTES = 16_384
/** With extensions, in which a CR could be taken for the end of the line. */
const SIZE = /^([0-9a-f]{1,8})[ \t]*(?:;[^\r]*)?$/i

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'end'

/** Takes the chunks of a body apart (RFC 9112, 7.1). Extensions and trailers are read past. */
export class ChunkedBody {
  #state: State = 'size'
  /** The bytes of a line so far, without its line end. */
  #line = ''
  /** Of the chunk. */
  #left = 0
  #trailerBytes = 0

  /** Whether the last chunk and the trailers have been read. */
  get isComplete(): boolean {
    return this.#state === 'end'
  }

  /**
   * Reads what has arrived.
   * @param take is given the data; text says that it does not want any more
   * @returns how many bytes belong to the body; text where they are no such body, or what `take` said
   */
  read(bytes: Buffer, take: (data: Buffer) => string | null): number | string {
    let at = 0
    while (at < bytes.length && this.#state !== 'end') {
      if (this.#state === 'data') {
        const data = bytes.subarray(at, at + this.#left)
        const problem = take(data)
        if (problem !== null) return problem
        at += data.length
        this.#left -= data.length
        if (this.#left === 0) this.#state = 'data-end'
        continue
      }
      const lineEnd = bytes.indexOf(LF, at)
      const end = lineEnd < 0 ? bytes.length : lineEnd
      if (this.#line.length + end - at > MAX_LINE_BYTES)
        return 'the answer has a chunk with a line that is too long'
      this.#line += bytes.toString('latin1', at, end)
      if (lineEnd < 0) return bytes.length
      at = lineEnd + 1
      const problem = this.#endLine()
      if (problem !== null) return problem
    }
    return at
  }

  #endLine(): string | null {
    const line = this.#line
    this.#line = ''
    if (line.charCodeAt(line.length - 1) !== CR)
      return 'the answer has a chunk whose line does not end in CRLF'
    const text = line.slice(0, -1)
    switch (this.#state) {
      case 'size':
        return this.#begin(text)
      case 'data-end':
        this.#state = 'size'
        return text === '' ? null : 'the answer has a chunk that is longer than it says'
      default:
        if (text === '') this.#state = 'end'
        this.#trailerBytes += text.length
        return this.#trailerBytes > MAX_TRAILER_BYTES ? 'the trailers of the answer are too long' : null
    }
  }

  #begin(text: string): string | null {
    const size = SIZE.exec(text)?.[1]
    if (size === undefined) return 'the answer has a chunk whose size is no number'
    this.#left = Number.parseInt(size, 16)
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return null
  }
}
