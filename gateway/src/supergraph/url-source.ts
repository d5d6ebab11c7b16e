import querystring from 'node:querystring'
import { withDeadline } from '@bulkhead/service/deadline'
import { readBounded } from '@bulkhead/service/read-bounded'
import { request } from 'undici'
import type { SupergraphSource } from './supergraph-source.ts'

const READ_DEADLINE_MS = 10_000
/** Far above the supergraphs of the largest companies. */
const MAX_BYTES = 32 * 1024 * 1024

/**
 * Reads the text from an http(s) URL. Where the server gives an ETag, an unchanged text is not sent again. User and
 * password in the URL are sent as Basic credentials.
 *
 * @param limits for tests
 */
export function createUrlSource(
  location: string,
  limits: { readonly deadlineMs: number; readonly maxBytes: number } = {
    deadlineMs: READ_DEADLINE_MS,
    maxBytes: MAX_BYTES,
  },
): SupergraphSource {
  const { deadlineMs, maxBytes } = limits
  const { target, authorization, shown } = readLocation(location)
  let last: { readonly etag: string; readonly text: string } | undefined

  async function download(signal: AbortSignal): Promise<string> {
    const { statusCode, headers, body } = await request(target, {
      headers: { ...authorization, ...(last === undefined ? {} : { 'if-none-match': last.etag }) },
      signal,
    })
    if (statusCode === 304 && last !== undefined) {
      await body.dump()
      return last.text
    }
    if (statusCode !== 200) {
      await body.dump()
      throw new Error(`it answered with HTTP ${statusCode}`)
    }
    const text = await readBounded(body, maxBytes)
    if (text === null) throw new Error(`its answer is over ${maxBytes} bytes`)
    last = typeof headers.etag === 'string' ? { etag: headers.etag, text } : undefined
    return text
  }

  return {
    what: 'document',
    place: { url: shown },
    async read(signal) {
      try {
        return await withDeadline(
          download,
          deadlineMs,
          () => new Error(`no complete answer within ${deadlineMs} ms`),
          signal,
        )
      } catch (error) {
        throw new Error(`${shown}: ${reasonOf(error)}`, { cause: error })
      }
    },
  }
}

function readLocation(location: string) {
  const { origin, pathname, search, username, password } = new URL(location)
  const credentials = `${querystring.unescape(username)}:${querystring.unescape(password)}`
  return {
    target: origin + pathname + search,
    authorization:
      credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    // Some servers take a token in the query.
    shown: origin + pathname,
  }
}

/** Where a name has several addresses and none answers, Node's error has a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}
