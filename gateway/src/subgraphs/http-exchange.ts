import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { AnswerBuffer, type AnswerMemory } from './answer-buffer.ts'
import { decompress } from './decompress.ts'

/** How one HTTP exchange ended. Details are for the log alone. */
export type HttpResult =
  | { readonly type: 'response'; readonly status: number; readonly mediaType: string; readonly text: string }
  /** `unanswered`: not even a status had arrived. */
  | { readonly type: 'broken'; readonly unanswered: boolean; readonly detail: string }
  | { readonly type: 'unreadable'; readonly detail: string }

class GivenUp extends Error {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function oneValue(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(', ') ?? '')
}

/**
 * Reads one answer for undici's `dispatch`, which is half the price of its `request`: no stream and no signal for each
 * request. A class for the same reason: methods that are made for each request would cost more than what they do.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #body: AnswerBuffer
  readonly #memory: AnswerMemory
  readonly #onEnd: (result: HttpResult) => void
  #controller: Dispatcher.DispatchController | null = null
  #givenUp = false
  #status = 0
  #mediaType = ''
  #encoding = ''
  #unreadable: string | null = null

  /** @param onEnd called once, also after `abort`; from then on the connection is free, or gone */
  constructor(memory: AnswerMemory, onEnd: (result: HttpResult) => void) {
    this.#memory = memory
    this.#body = new AnswerBuffer(memory)
    this.#onEnd = onEnd
  }

  /** Cuts the connection; where there is none yet, as soon as there is one. */
  abort(): void {
    this.#givenUp = true
    this.#controller?.abort(new GivenUp('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#givenUp) this.abort()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Informational responses come before the answer.
    if (status < 200) return
    this.#status = status
    this.#mediaType = oneValue(headers['content-type'])
    this.#encoding = oneValue(headers['content-encoding'])
    if (Number(headers['content-length']) > this.#memory.maxAnswerBytes) {
      this.#refuse(controller, `answer is over ${this.#memory.maxAnswerBytes} bytes`)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const tooLarge = this.#body.add(chunk)
    if (tooLarge !== null) this.#refuse(controller, tooLarge)
  }

  onResponseEnd(): void {
    const bytes = this.#body.take()
    if (this.#encoding === '' || this.#encoding === 'identity') this.#respond(bytes)
    else void this.#decompress(bytes)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#body.take()
    this.#onEnd(
      this.#unreadable === null
        ? { type: 'broken', unanswered: this.#status === 0, detail: messageOf(error) }
        : { type: 'unreadable', detail: this.#unreadable },
    )
  }

  #refuse(controller: Dispatcher.DispatchController, detail: string): void {
    this.#unreadable = detail
    controller.abort(new GivenUp(detail))
  }

  #respond(bytes: Buffer): void {
    this.#onEnd({
      type: 'response',
      status: this.#status,
      mediaType: this.#mediaType,
      text: bytes.toString('utf8'),
    })
  }

  async #decompress(bytes: Buffer): Promise<void> {
    try {
      this.#respond(await decompress(bytes, this.#encoding, this.#memory.maxAnswerBytes))
    } catch (error) {
      this.#onEnd({ type: 'unreadable', detail: messageOf(error) })
    }
  }
}
