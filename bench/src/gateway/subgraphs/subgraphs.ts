import type { SubgraphName } from '@bulkhead/dev/environment'

/** By what our own subgraphs know their gateway, and whom it speaks for. */
export type Trust = {
  readonly gatewaySecret: string
  /** The key that identities are signed with, as the gateway's settings have it. */
  readonly identityKeyId: string
  readonly identityKey: string
  /** The headers of a gateway that cannot sign: the secret, and the identity of a backend that lasts for a day. */
  readonly headers: Readonly<Record<string, string>>
}

/** The subgraphs that all gateways of one comparison fetch from. */
export type Subgraphs = {
  readonly kind: 'canned' | 'real'
  readonly urls: Readonly<Record<SubgraphName, string>>
  /** Null where nothing is asked for. */
  readonly trust: Trust | null
  /** What they have counted so far; empty where they count nothing. */
  counters(): Promise<Readonly<Record<string, number>>>
}
