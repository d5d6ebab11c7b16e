import type { SubgraphName } from '@bulkhead/dev/environment'

/** The subgraphs that all gateways of one comparison fetch from. */
export type Subgraphs = {
  readonly kind: 'canned' | 'real'
  readonly urls: Readonly<Record<SubgraphName, string>>
  /** What a gateway must send; null where nothing is asked for. */
  readonly gatewaySecret: string | null
  /** What they have counted so far; empty where they count nothing. */
  counters(): Promise<Readonly<Record<string, number>>>
}
