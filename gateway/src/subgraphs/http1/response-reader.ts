import { AnswerBuffer, type AnswerMemory } from '../answer-buffer.ts'
import { decompress } from '../decompress.ts'
import { ChunkedBody } from './chunked-body.ts'
import type { HttpResult } from './http-result.ts'
import { NOT_HTTP, type ResponseHead, readResponseHead } from './response-head.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
/** Of the head; the same as Node's own limit. */
const MAX_HEAD_BYTES = 16_384
const HEAD_BEGIN = 'HTTP/1.'
const NOTHING = Buffer.alloc(0)

type Read = {
  readonly result: HttpResult
  /** How many of the bytes do not belong to the response. */
  readonly surplus: number
}

/** Reads one response from the bytes of a connection. */
export class ResponseReader {
  readonly #memory: AnswerMemory
  #head: ResponseHead | null = null
  /** The beginning of a head whose end has not arrived. */
  #unread: Buffer = NOTHING
  /** What has arrived of a body that came in several pieces. */
  #collected: AnswerBuffer | null = null
  #collectedBytes = 0
  #chunked: ChunkedBody | null = null

  constructor(memory: AnswerMemory) {
    this.#memory = memory
  }

  /** Null before the status has arrived. */
  get head(): ResponseHead | null {
    return this.#head
  }

  /**
   * Reads what has arrived; the bytes may be overwritten once this has returned.
   * @returns null while there is more to come
   */
  read(bytes: Buffer): Read | null {
    let body = bytes
    if (this.#head === null) {
      const head = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
      const bodyAt = this.#readHead(head)
      if (typeof bodyAt === 'string') return this.#break(bodyAt)
      if (bodyAt < 0) return null
      const problem = this.#beginBody()
      if (problem !== null) return this.#refuse(problem)
      body = head.subarray(bodyAt)
    }
    return this.#readBody(body)
  }

  /** The connection has ended. Null where the response is not complete. */
  end(): HttpResult | null {
    return this.#head?.body === 'until-close' ? this.#respond(this.#collected?.take() ?? NOTHING) : null
  }

  /** Gives back the memory of what is not read to its end. */
  giveUp(): void {
    this.#collected?.giveUp()
  }

  /** @returns where the body begins; negative where the head has not arrived yet; text where it is wrong */
  #readHead(bytes: Buffer): number | string {
    let at = 0
    while (this.#head === null) {
      const end = bytes.indexOf(HEAD_END, at)
      if (end < 0 ? bytes.length - at > MAX_HEAD_BYTES : end - at > MAX_HEAD_BYTES)
        return `the head of the answer is over ${MAX_HEAD_BYTES} bytes`
      if (end < 0) {
        // What speaks another protocol may never send what ends a head.
        if (!HEAD_BEGIN.startsWith(bytes.toString('latin1', at, at + HEAD_BEGIN.length))) return NOT_HTTP
        this.#unread = Buffer.from(bytes.subarray(at))
        return -1
      }
      const head = readResponseHead(bytes.toString('latin1', at, end))
      if (typeof head === 'string') return head
      if (head.status === 101) return 'the answer is one of another protocol'
      at = end + HEAD_END.length
      // Informational responses come before the answer.
      if (head.status >= 200) this.#head = head
    }
    this.#unread = NOTHING
    return at
  }

  /** @returns why it is too much; null where it may come */
  #beginBody(): string | null {
    const length = this.#head?.body
    if (length === 'chunked') this.#chunked = new ChunkedBody()
    const { maxAnswerBytes } = this.#memory
    return typeof length === 'number' && length > maxAnswerBytes
      ? `answer is over ${maxAnswerBytes} bytes`
      : null
  }

  #readBody(bytes: Buffer): Read | null {
    if (this.#chunked) {
      let tooMuch: string | null = null
      const used = this.#chunked.read(bytes, (data) => {
        tooMuch = this.#collect(data)
        return tooMuch
      })
      if (tooMuch !== null) return this.#refuse(tooMuch)
      if (typeof used === 'string') return this.#break(used)
      if (!this.#chunked.isComplete) return null
      return { result: this.#respond(this.#collected?.take() ?? NOTHING), surplus: bytes.length - used }
    }
    const length = this.#head?.body
    if (typeof length !== 'number') {
      const problem = this.#collect(bytes)
      return problem === null ? null : this.#refuse(problem)
    }
    const left = length - this.#collectedBytes
    // Nearly every answer comes in one piece, which need not be kept.
    if (this.#collected === null && bytes.length >= left)
      return { result: this.#respond(bytes.subarray(0, left)), surplus: bytes.length - left }
    const problem = this.#collect(bytes.subarray(0, left))
    if (problem !== null) return this.#refuse(problem)
    if (bytes.length < left) return null
    return { result: this.#respond(this.#collected?.take() ?? NOTHING), surplus: bytes.length - left }
  }

  /** @returns why it is too much; null where it was taken */
  #collect(bytes: Buffer): string | null {
    if (bytes.length === 0) return null
    this.#collected ??= new AnswerBuffer(this.#memory)
    this.#collectedBytes += bytes.length
    return this.#collected.add(bytes)
  }

  /** There is an answer, but not one that can be taken. */
  #refuse(detail: string): Read {
    this.giveUp()
    return { result: { type: 'unreadable', detail }, surplus: 0 }
  }

  /** What came is not HTTP/1.1. */
  #break(detail: string): Read {
    this.giveUp()
    return { result: { type: 'broken', unanswered: this.#head === null, detail }, surplus: 0 }
  }

  #respond(bytes: Buffer): HttpResult {
    const { status = 0, mediaType = '', encoding = '' } = this.#head ?? {}
    try {
      const body =
        encoding === '' || encoding === 'identity'
          ? bytes
          : decompress(bytes, encoding, this.#memory.maxAnswerBytes)
      return { type: 'response', status, mediaType, body }
    } catch (error) {
      return { type: 'unreadable', detail: error instanceof Error ? error.message : String(error) }
    }
  }
}
