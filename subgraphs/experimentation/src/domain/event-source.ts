import type { EventKind } from '@bulkhead/contracts'

/**
 * Who a batch comes from, by its token. The platform's own producers may send every kind of event under any name that
 * is not a service's. Another service has a name, and sends what happened to its users.
 */
export type EventSource = { readonly type: 'platform' } | { readonly type: 'service'; readonly name: string }

/** What a service may send: its conversions, and how far it has delivered them. */
const SERVICE_KINDS: readonly EventKind[] = ['interaction', 'heartbeat', 'goodbye']

export function maySend(source: EventSource, kind: EventKind): boolean {
  return source.type === 'platform' || SERVICE_KINDS.includes(kind)
}

/** Whether a batch may name this producer. `services` are the names of all services. */
export function mayNameProducer(
  source: EventSource,
  producer: string,
  services: ReadonlySet<string>,
): boolean {
  return source.type === 'service' ? producer === source.name : !services.has(producer)
}
