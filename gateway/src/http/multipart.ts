import type { Execution } from '../execution/execute-operation.ts'
import { answerBody } from './answer-body.ts'

/** The media type of an answer in several parts. */
export const MULTIPART_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824'

const PART_HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n'

/**
 * The text of an answer with deferred parts. Each ends with a boundary, so that the client can read it at once, and the
 * last says `hasNext: false`, whatever happens.
 *
 * @param onFailure gives the public form of an error that nobody expected
 */
export async function* multipartBody(
  { initial, later }: { initial: Execution['initial']; later: NonNullable<Execution['later']> },
  onFailure: (error: unknown) => object,
): AsyncGenerator<string, void, undefined> {
  yield `\r\n---\r\n${part({ ...answerBody(initial), hasNext: true }, true)}`
  try {
    for await (const chunk of later) yield part(chunk, chunk.hasNext)
  } catch (error) {
    const failed = { data: null, path: [], errors: [onFailure(error)] }
    yield part({ incremental: [failed], hasNext: false }, false)
  }
}

function part(body: object, hasNext: boolean): string {
  return `${PART_HEAD}${JSON.stringify(body)}\r\n---${hasNext ? '' : '--'}\r\n`
}
