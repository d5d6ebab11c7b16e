import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from '@bulkhead/service/loopback'

/** Headers by which proxies say for whom they ask. */
const FORWARDING_NAME =
  /^(forwarded|via)$|^x-(forwarded|real|client|cluster|original|envoy|remote|proxied|scheme|azure|nginx)|(client|connecting)-?ip$/

/**
 * Whether a request to a loopback address comes from a program on this machine, and not through a proxy on it. The host
 * it asks for must be a loopback name as well: a web page could otherwise reach the gateway from the developer's own
 * browser, by a name that its author lets point here (DNS rebinding). An origin, which browsers send, must be a loopback
 * one for the same reason. A proxy that rewrites both and adds no header cannot be told from a program on this machine.
 */
export function isDirectFromThisMachine(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers
  if (!isLoopback(hostName(host))) return false
  if (origin !== undefined && !isLoopback(hostName(origin.replace(/^https?:\/\//, '')))) return false
  return !Object.keys(headers).some((name) => FORWARDING_NAME.test(name))
}

function hostName(host = ''): string {
  return host.replace(/:\d+$/, '')
}
