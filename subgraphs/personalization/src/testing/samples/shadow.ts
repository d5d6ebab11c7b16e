import type { ShadowPart } from '../../datastore/port.ts'
import { createShadowCounter } from '../../domain/shadow/shadow-counts.ts'

/** Of a model that did well: each list took a millisecond and had half of the champion's first ten. */
export function sampleShadowPart(requests = 200, championId: string | null = 'champion-v1'): ShadowPart {
  const counter = createShadowCounter()
  const comparison = { overlapAt10: 0.5, rankBiasedOverlap: 0.5, popularityShift: 0, shown: ['i1', 'i2'] }
  for (let n = 0; n < requests; n++) counter.compared(comparison, 1, 100)
  return { source: `replica-1-${championId}`, championId, counts: counter.counts() }
}
