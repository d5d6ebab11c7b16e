import type { CanaryPart } from '../../datastore/port.ts'
import { type ArmCounts, createArmCounter } from '../../domain/canary/canary-counts.ts'
import type { ListOutcome } from '../../domain/guardrails/model-window.ts'
import { NOON } from './time.ts'

/** Lists of as many listeners, of a millisecond each, with two items of their own. */
export function sampleArm(lists: number, overrides: Partial<ListOutcome> = {}): ArmCounts {
  const counter = createArmCounter()
  for (let n = 0; n < lists; n++) {
    const itemIds = [`i${n}`, `j${n}`]
    counter.add({ listener: `u${n}`, failed: false, itemIds, ms: 1, ...overrides })
  }
  return counter.counts()
}

/** Of a canary that does as well as the version in production. */
export function sampleCanaryPart(lists = 200, overrides: Partial<CanaryPart['counts']> = {}): CanaryPart {
  const counts = { championId: 'item-to-item-v1', since: NOON, canary: sampleArm(lists) }
  return { source: 'replica-1', counts: { ...counts, champion: sampleArm(lists), ...overrides } }
}
