import type { Execution } from '../execution/execute-operation.ts'
import { answerBody } from './answer-body.ts'

/** The media type of an answer in several parts. */
export const MULTIPART_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824'

const PART_HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n'

/** The text of an answer with deferred parts: each ends with a boundary, so that the client can read it at once. */
export async function* multipartBody(
  initial: Execution['initial'],
  later: NonNullable<Execution['later']>,
): AsyncGenerator<string, void, undefined> {
  yield `\r\n---\r\n${part({ ...answerBody(initial), hasNext: true }, true)}`
  for await (const chunk of later) yield part(chunk, chunk.hasNext)
}

function part(body: object, hasNext: boolean): string {
  return `${PART_HEAD}${JSON.stringify(body)}\r\n---${hasNext ? '' : '--'}\r\n`
}
