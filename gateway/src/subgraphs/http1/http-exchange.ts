import type { AnswerMemory } from '../answer-buffer.ts'
import type { HttpResult } from './http-result.ts'
import { ResponseReader } from './response-reader.ts'

/** One request on its way, and its answer. */
export class HttpExchange {
  /** Head and body, as they are sent. */
  readonly request: string
  readonly reader: ResponseReader
  readonly #onEnd: (result: HttpResult) => void
  /** Null while it waits for one. */
  connection: { destroy(error: Error): void } | null = null
  #hasEnded = false

  /** @param onEnd called once, also after `abort`; from then on the connection is free, or gone */
  constructor(request: string, memory: AnswerMemory, onEnd: (result: HttpResult) => void) {
    this.request = request
    this.reader = new ResponseReader(memory)
    this.#onEnd = onEnd
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Gives it up, and cuts its connection. */
  abort(): void {
    // Its connection may have another exchange by now.
    if (this.#hasEnded) return
    const error = new Error('given up')
    if (this.connection === null) this.fail(error)
    else this.connection.destroy(error)
  }

  finish(result: HttpResult): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onEnd(result)
  }

  fail(error: Error): void {
    this.reader.giveUp()
    this.finish({ type: 'broken', unanswered: this.reader.head === null, detail: error.message })
  }
}
