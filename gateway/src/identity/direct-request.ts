import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Headers in which proxies say whom they ask for. */
const FORWARDING_NAME =
  /^(forwarded|via)$|^x-(forwarded|real|client|cluster|original|envoy|remote|proxied|scheme|azure|nginx)|(client|connecting)-?ip$/

/**
 * Whether a request to a loopback address comes from a program on this machine, and not through a proxy on it. The host
 * it asks for must be a loopback name as well: a web page could otherwise reach the gateway from the developer's own
 * browser, by a name that its author lets point here (DNS rebinding). And so must the origin of a page that asks, if a
 * browser names one. A proxy that rewrites both and says nothing of itself cannot be told from a program.
 */
export function isDirectFromThisMachine(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers
  if (!isLoopback(host)) return false
  if (origin !== undefined && !isLoopback(origin.replace(/^https?:\/\//, ''))) return false
  return !Object.keys(headers).some((name) => FORWARDING_NAME.test(name))
}

function isLoopback(host = ''): boolean {
  return LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase())
}
