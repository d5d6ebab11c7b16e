/** What the head of a response says of the response and of its connection. */
export type ResponseHead = {
  readonly status: number
  /** Empty where it was not sent. */
  readonly mediaType: string
  readonly encoding: string
  readonly body: BodyLength
  /** Whether the connection can take another request after this response. */
  readonly keepsAlive: boolean
  /** How long the server keeps an idle connection at least; null where it does not say. */
  readonly idleSeconds: number | null
}

/** Bytes, or how the end of the body can be seen. */
export type BodyLength = number | 'chunked' | 'until-close'

/** Headers that are read; of others only the form is checked. */
type Fields = {
  contentLength: string | null
  contentType: string
  contentEncoding: string
  transferEncoding: string | null
  connection: string
  keepAlive: string
}

export const NOT_HTTP = 'the answer is not HTTP/1.1'

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: |$)/
/** Control characters, and line ends that are not CRLF: two readers can take such a head for two different ones. */
const INVALID_TEXT = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n/
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const LENGTH = /^\d{1,15}$/
const IDLE_SECONDS = /(?:^|[,\s])timeout=(\d{1,9})\b/i

/**
 * Reads a head, without the empty line at its end (RFC 9112).
 * @returns text where it is not one, or can be understood in two ways: what is wrong with it
 */
export function readResponseHead(text: string): ResponseHead | string {
  if (INVALID_TEXT.test(text)) return 'the head of the answer has characters that it must not have'
  let lineEnd = text.indexOf('\r\n')
  if (lineEnd < 0) lineEnd = text.length
  const line = STATUS_LINE.exec(text.slice(0, lineEnd))
  if (!line) return NOT_HTTP
  const fields: Fields = {
    contentLength: null,
    contentType: '',
    contentEncoding: '',
    transferEncoding: null,
    connection: '',
    keepAlive: '',
  }
  while (lineEnd < text.length) {
    const begin = lineEnd + 2
    lineEnd = text.indexOf('\r\n', begin)
    if (lineEnd < 0) lineEnd = text.length
    const colon = text.indexOf(':', begin)
    if (colon < 0 || colon >= lineEnd) return 'the answer has a header without a colon'
    const problem = readField(text.slice(begin, colon), trimmed(text, colon + 1, lineEnd), fields)
    if (problem !== null) return problem
  }
  return toHead(Number(line[2]), line[1] === '0', fields)
}

/** A header that comes more than once stands for the list of its values. */
function readField(name: string, value: string, fields: Fields): string | null {
  switch (name.toLowerCase()) {
    case 'content-length':
      if (fields.contentLength !== null && fields.contentLength !== value) return 'the answer has two lengths'
      fields.contentLength = value
      return null
    case 'content-type':
      fields.contentType = joined(fields.contentType, value)
      return null
    case 'content-encoding':
      fields.contentEncoding = joined(fields.contentEncoding, value)
      return null
    case 'transfer-encoding':
      fields.transferEncoding = joined(fields.transferEncoding ?? '', value)
      return null
    case 'connection':
      fields.connection = joined(fields.connection, value)
      return null
    case 'keep-alive':
      fields.keepAlive = joined(fields.keepAlive, value)
      return null
    default:
      return HEADER_NAME.test(name) ? null : 'the answer has a header without a valid name'
  }
}

/** Without spaces and tabs around it. `String.trim` takes more: a length that others refuse would be one. */
function trimmed(text: string, begin: number, end: number): string {
  let from = begin
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`
}

function toHead(status: number, isHttp10: boolean, fields: Fields): ResponseHead | string {
  const { contentLength, transferEncoding, connection, keepAlive } = fields
  if (contentLength !== null && !LENGTH.test(contentLength))
    return 'the answer has a length that is no number'
  if (transferEncoding !== null) {
    if (contentLength !== null) return 'the answer has both a length and a transfer-encoding'
    if (isHttp10 || transferEncoding.toLowerCase() !== 'chunked')
      return `the answer has the transfer-encoding ${transferEncoding}`
  }
  const declared =
    transferEncoding !== null ? 'chunked' : contentLength === null ? 'until-close' : Number(contentLength)
  // These never have a body, whatever they declare (RFC 9110, 6.4.1).
  const hasNoBody = status < 200 || status === 204 || status === 304
  const idle = keepAlive === '' ? null : IDLE_SECONDS.exec(keepAlive)
  return {
    status,
    mediaType: fields.contentType,
    encoding: fields.contentEncoding,
    body: hasNoBody ? 0 : declared,
    keepsAlive:
      !isHttp10 &&
      (connection === '' || !/(?:^|[,\s])close(?:$|[,\s])/i.test(connection)) &&
      // One that declares a body where none can be may send it all the same.
      (hasNoBody ? declared === 0 || declared === 'until-close' : declared !== 'until-close'),
    idleSeconds: idle ? Number(idle[1]) : null,
  }
}
