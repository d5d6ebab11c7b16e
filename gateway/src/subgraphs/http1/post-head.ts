import type { Origin } from './connection.ts'

/** Names of headers cannot hold others; values neither control characters nor what is not ASCII. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/
const VALUE = /^[\t\x20-\x7e]*$/

export type PostHead = {
  /** The request with further headers, names and values in turn, and this body. What cannot be sent is left out. */
  withBody(headers: readonly string[], body: string): string
}

/**
 * Prepares requests to `url`.
 * @param headers of all of them, names and values in turn
 * @throws where one of them cannot be sent
 */
export function postHead(url: URL, headers: readonly string[]): PostHead {
  const start = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${headerLines(headers, refuse)}`
  return {
    withBody: (own, body) =>
      `${start}${headerLines(own, leaveOut)}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  }
}

export function originOf({ protocol, hostname, port }: URL): Origin {
  const secure = protocol === 'https:'
  return {
    secure,
    // An IPv6 address stands in brackets.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
  }
}

function headerLines(headers: readonly string[], onInvalid: (name: string) => void): string {
  let lines = ''
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (NAME.test(name) && VALUE.test(value)) lines += `${name}: ${value}\r\n`
    else onInvalid(name)
  }
  return lines
}

function refuse(name: string): never {
  throw new Error(`the header ${name} cannot be sent`)
}

function leaveOut(): void {}
