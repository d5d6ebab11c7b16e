import { threadCpuMs } from '@bulkhead/threads/thread-cpu'
import {
  type ArmCounter,
  type CanaryCounts,
  createArmCounter,
  listsOf,
} from '../domain/canary/canary-counts.ts'
import { canaryArmOf } from '../domain/canary/canary-share.ts'
import { measuredModel } from '../domain/guardrails/measured-model.ts'
import { lineOf } from '../domain/model-path/refresh.ts'
import type { CanaryModels, LoadedModel } from '../domain/pipeline/query.ts'
import type { LiveLoadedModels } from './loaded-models.ts'

/** Serves a refresh in its canary to a share of listeners, and counts its lists beside those of the version in production. */
export type CanaryArms = CanaryModels & {
  /** What this process has counted of the canary of this moment; null while there is none. */
  counted(): {
    readonly versionId: string
    /** Names the count: another one for each time that it begins anew. */
    readonly source: string
    readonly counts: CanaryCounts
  } | null
}

type Comparison = {
  readonly versionId: string
  readonly championId: string
  readonly since: number
  readonly arms: Readonly<Record<'canary' | 'champion', ArmCounter>>
}

/**
 * @param options.share of listeners who get the canary, 0 to .5
 * @param options.now epoch milliseconds
 */
export function createCanaryArms(options: {
  readonly models: Pick<LiveLoadedModels, 'production' | 'canary'>
  readonly share: number
  /** Names this process. */
  readonly producer: string
  readonly now: () => number
  readonly cpuMs?: () => number
}): CanaryArms {
  const { models, share, producer, now, cpuMs = threadCpuMs } = options
  let current: Comparison | null = null

  /** Null unless the canary refreshes the line that is in production now: after a rollback it waits for the model loader. */
  function pair(): Readonly<Record<'canary' | 'champion', LoadedModel>> | null {
    const canary = models.canary()
    const champion = models.production()
    // One that was promoted a moment ago is not compared with itself.
    if (canary === null || champion === null || canary.version.id === champion.version.id) return null
    return canary.version.refresh?.of === lineOf(champion.version) ? { canary, champion } : null
  }

  function comparisonOf(versionId: string, championId: string): Comparison {
    if (current?.versionId !== versionId || current.championId !== championId) {
      const arms = { canary: createArmCounter(), champion: createArmCounter() }
      current = { versionId, championId, since: now(), arms }
    }
    return current
  }

  return {
    modelFor(userId) {
      const compared = pair()
      if (compared === null) return null
      const { canary, champion } = compared
      const arm = canaryArmOf(canary.version.id, userId, share)
      if (arm === null) return null
      const counter = comparisonOf(canary.version.id, champion.version.id).arms[arm]
      const { version, model } = compared[arm]
      const measured = measuredModel(model, cpuMs, (outcome) => counter.add({ ...outcome, listener: userId }))
      return { version, model: measured }
    },
    counted() {
      if (current === null || models.canary()?.version.id !== current.versionId) return null
      const { versionId, championId, since, arms } = current
      const counts = { championId, since, canary: arms.canary.counts(), champion: arms.champion.counts() }
      return listsOf(counts) === 0 ? null : { versionId, source: `${producer} ${since}`, counts }
    },
  }
}
