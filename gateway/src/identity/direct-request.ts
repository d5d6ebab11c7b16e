import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const FORWARDING_HEADERS: ReadonlySet<string> = new Set(['forwarded', 'via', 'true-client-ip'])
/** Proxies put the client's address and the like in headers that begin so, or end so. */
const FORWARDING_NAME = /^x-(forwarded|real|client|cluster|original|envoy)|-connecting-ip$/

/**
 * Whether a request to a loopback address comes from a program on this machine, and not through a proxy on it. The host
 * it asks for must be a loopback name as well: a web page could otherwise reach the gateway from the developer's own
 * browser, by a name that its author lets point here (DNS rebinding).
 */
export function isDirectFromThisMachine(headers: IncomingHttpHeaders): boolean {
  if (!LOOPBACK_NAMES.has(hostName(headers.host))) return false
  for (const name of Object.keys(headers)) {
    if (FORWARDING_HEADERS.has(name) || FORWARDING_NAME.test(name)) return false
  }
  return true
}

function hostName(host = ''): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
