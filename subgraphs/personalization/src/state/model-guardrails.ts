import { createCoarseThreadCpu } from '@bulkhead/threads/thread-cpu'
import { measuredModel } from '../domain/guardrails/measured-model.ts'
import {
  createModelWindow,
  DEFAULT_GUARDRAILS,
  type GuardrailLimits,
  type ModelWindow,
} from '../domain/guardrails/model-window.ts'
import type { HistoryItem, RecommendationModel } from '../domain/recommendation-model.ts'

/** How old a reading of the CPU time may be. A list counts as slow from 50 ms on, so an error of 5 ms is small. */
const CPU_TIME_AGE_MS = 5

/** Watches the lists of the models that serve, and remembers which had to be switched off. */
export type ModelGuardrails = {
  /** The same model, whose lists count from now on. */
  watch(versionId: string, model: RecommendationModel): RecommendationModel
  /** Why a version was switched off, in a sentence; null where it was not. It stays off in this process. */
  whyOff(versionId: string): string | null
  /** Switches a version off for a reason that was found elsewhere; `check` returns it too. */
  switchOff(versionId: string, problem: string): void
  /** Looks at every version that is watched; those that have to be switched off are, and are returned once. */
  check(): readonly { readonly versionId: string; readonly problem: string }[]
  /** Forgets all but these versions, and what is switched off. */
  keepOnly(versionIds: ReadonlySet<string>): void
}

/**
 * @param options.now milliseconds of a clock that does not go back
 * @param options.cpuMs CPU time of this thread, milliseconds: a model is not slow because the machine is
 */
export function createModelGuardrails(
  options: {
    readonly limits?: GuardrailLimits
    readonly now?: () => number
    readonly cpuMs?: () => number
  } = {},
): ModelGuardrails {
  const {
    limits = DEFAULT_GUARDRAILS,
    now = () => performance.now(),
    cpuMs = createCoarseThreadCpu(CPU_TIME_AGE_MS),
  } = options
  const windows = new Map<string, ModelWindow>()
  const off = new Map<string, string>()
  /** Switched off since the last check. */
  const found: { readonly versionId: string; readonly problem: string }[] = []

  function windowOf(versionId: string, itemCount: number): ModelWindow {
    const known = windows.get(versionId)
    if (known !== undefined) return known
    const added = createModelWindow(limits, itemCount)
    windows.set(versionId, added)
    return added
  }

  function switchOff(versionId: string, problem: string): void {
    if (off.has(versionId)) return
    off.set(versionId, problem)
    found.push({ versionId, problem })
  }

  return {
    watch(versionId, model) {
      const measured = measuredModel(model, cpuMs, (outcome, history) =>
        windowOf(versionId, model.itemCount).add(now(), { ...outcome, listener: listenerOf(history) }),
      )
      return {
        ...measured,
        recommend(history, limit, isEligible) {
          // The loader may not be able to drop the model yet. Throwing lets the stand-in serve.
          if (off.has(versionId)) throw new Error('a guardrail has switched this model off')
          return measured.recommend(history, limit, isEligible)
        },
      }
    },
    switchOff,
    whyOff: (versionId) => off.get(versionId) ?? null,
    check() {
      for (const [versionId, window] of windows) {
        const problem = off.has(versionId) ? null : window.problem(now())
        if (problem !== null) switchOff(versionId, problem)
      }
      return found.splice(0)
    },
    keepOnly(versionIds) {
      for (const id of windows.keys()) if (!versionIds.has(id)) windows.delete(id)
    },
  }
}

/** Two listeners with the same newest and oldest likes, and as many, are taken for one. */
function listenerOf(history: readonly HistoryItem[]): string {
  return `${history.length} ${history[0]?.itemId} ${history.at(-1)?.itemId}`
}
