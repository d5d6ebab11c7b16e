import type { InteractionType } from '@bulkhead/contracts'
import { type ConsumedPairs, createConsumedPairsBuilder } from '../../domain/evaluation/consumed-pairs.ts'

/** User, item, time and type (PLAY), in any order. */
export type SampleConsumption = readonly [string, string, number, InteractionType?]

export function samplePairs(consumptions: readonly SampleConsumption[]): ConsumedPairs {
  const builder = createConsumedPairsBuilder()
  const sorted = consumptions.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  for (const [userId, itemId, occurredAt, type = 'PLAY'] of sorted) {
    builder.add({ userId, itemId, occurredAt, type })
  }
  return builder.build()
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
