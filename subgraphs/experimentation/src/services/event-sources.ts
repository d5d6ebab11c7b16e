import { createSecretCheck } from '@bulkhead/service/secrets'
import type { EventSource } from '../domain/event-source.ts'

/** A service that sends events of its own, and its tokens: one, or two during a rotation. */
export type ServiceTokens = { readonly name: string; readonly tokens: readonly string[] }

/** Whose token it is; null for nobody's. */
export type IdentifySource = (token: string | undefined) => EventSource | null

/** Compares with every token of every source each time, in constant time. */
export function createSourceCheck(options: {
  readonly platformTokens: readonly string[]
  readonly services: readonly ServiceTokens[]
}): IdentifySource {
  const sources = [
    { source: { type: 'platform' } as const, check: createSecretCheck(options.platformTokens) },
    ...options.services.map(({ name, tokens }) => ({
      source: { type: 'service', name } as const,
      check: createSecretCheck(tokens),
    })),
  ]
  return (token) => {
    let identified: EventSource | null = null
    for (const { source, check } of sources) if (check(token)) identified = source
    return identified
  }
}
