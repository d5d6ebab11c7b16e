const NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/** Whether only programs on this machine reach what listens on this host. In a URL, `::1` has brackets. */
export function isLoopback(host: string): boolean {
  return NAMES.has(host.toLowerCase())
}
