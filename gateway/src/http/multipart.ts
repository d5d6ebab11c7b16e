import type { Chunk } from '../execution/deferred-parts.ts'
import type { Answer } from '../execution/execute-operation.ts'
import { answerBody } from './answer-body.ts'

/** The media type of an answer in several parts. */
export const MULTIPART_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824'

const PART_HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n'

export type MultipartOptions = {
  /** Called for each part but the first, before it goes to the client. */
  onChunk(chunk: Chunk): void
  /** Called once, when the last part was given or the client has gone. */
  onEnd(): void
  /** Gives the public form of an error that nobody expected. */
  publicError(error: unknown): object
}

/**
 * The text of an answer with deferred parts. Each ends with a boundary, so that the client can read it at once, and the
 * last says `hasNext: false`, whatever happens.
 */
export async function* multipartBody(
  initial: Answer,
  later: AsyncIterable<Chunk>,
  options: MultipartOptions,
): AsyncGenerator<string, void, undefined> {
  try {
    yield `\r\n---\r\n${part({ ...answerBody(initial), hasNext: true }, true)}`
    for await (const chunk of later) {
      options.onChunk(chunk)
      yield part(chunk, chunk.hasNext)
    }
  } catch (error) {
    const failed = { data: null, path: [], errors: [options.publicError(error)] }
    yield part({ incremental: [failed], hasNext: false }, false)
  } finally {
    options.onEnd()
  }
}

function part(body: object, hasNext: boolean): string {
  return `${PART_HEAD}${JSON.stringify(body)}\r\n---${hasNext ? '' : '--'}\r\n`
}
