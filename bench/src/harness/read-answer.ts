import type { Dispatcher } from 'undici'
import type { Reading } from './load.ts'

type Answer = Pick<Dispatcher.ResponseData, 'headers' | 'body'>

/** The text of an answer, or of its first part up to and with the boundary after it. */
export async function readAnswer({ headers, body }: Answer, reading: Reading): Promise<string> {
  if (reading === 'whole') return body.text()
  const boundary = /boundary="?([^";]+)/.exec(String(headers['content-type']))?.[1]
  // The body of an answer that is not multipart is its only part.
  if (boundary === undefined) return body.text()

  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  function look(): void {
    const end = endOfFirstPart(text, boundary ?? '')
    if (end !== null) resolve(text.slice(0, end))
  }
  body.setEncoding('utf8')
  body.on('data', (chunk: string) => {
    text += chunk
    look()
  })
  body.on('end', () => reject(new Error(`the answer ended within its first part: ${text}`)))
  body.on('error', reject)
  const first = await promise
  if (reading === 'first-part-then-leave') body.destroy()
  return first
}

/** Where the first part ends, the boundary after it included; null while it is not there yet. */
export function endOfFirstPart(text: string, boundary: string): number | null {
  const delimiter = `--${boundary}`
  const first = text.indexOf(delimiter)
  // A boundary begins a line, so the same characters inside the part's JSON do not count as one.
  const second = first === -1 ? -1 : text.indexOf(`\r\n${delimiter}`, first + delimiter.length)
  return second === -1 ? null : second + delimiter.length + 2
}
