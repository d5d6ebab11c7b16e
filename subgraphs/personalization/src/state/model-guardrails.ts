import { threadCpuMs } from '@bulkhead/threads/thread-cpu'
import {
  createModelWindow,
  DEFAULT_GUARDRAILS,
  type GuardrailLimits,
  type ListOutcome,
  type ModelWindow,
  SHOWN,
} from '../domain/guardrails/model-window.ts'
import type { HistoryItem, RecommendationModel } from '../domain/recommendation-model.ts'

/** Watches the lists of the models that serve, and remembers which had to be switched off. */
export type ModelGuardrails = {
  /** The same model, whose lists count from now on. */
  watch(versionId: string, model: RecommendationModel): RecommendationModel
  /** Why a version was switched off, in a sentence; null where it was not. It stays off in this process. */
  whyOff(versionId: string): string | null
  /** Looks at every version that is watched; those that have to be switched off are, and are returned once. */
  check(): readonly { readonly versionId: string; readonly problem: string }[]
  /** Forgets all but these versions, and what is switched off. */
  keepOnly(versionIds: ReadonlySet<string>): void
}

/**
 * Shorter lists count only where they fail. They are asked for similar items, where the model may not know the item, and
 * under overload.
 */
const MIN_JUDGED_LIMIT = 150

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
  const { limits = DEFAULT_GUARDRAILS, now = () => performance.now(), cpuMs = threadCpuMs } = options
  const windows = new Map<string, ModelWindow>()
  const off = new Map<string, string>()

  function windowOf(versionId: string, itemCount: number): ModelWindow {
    const known = windows.get(versionId)
    if (known !== undefined) return known
    const added = createModelWindow(limits, itemCount)
    windows.set(versionId, added)
    return added
  }

  return {
    watch(versionId, model) {
      return {
        ...model,
        recommend(history, limit, isEligible = () => true) {
          // The loader may not be able to drop the model yet. Throwing lets the stand-in serve.
          if (off.has(versionId)) throw new Error('a guardrail has switched this model off')
          let isFiltered = false
          const start = cpuMs()
          function count(outcome: Pick<ListOutcome, 'failed' | 'itemIds'>): void {
            const ms = cpuMs() - start
            windowOf(versionId, model.itemCount).add(now(), { ...outcome, ms, listener: listenerOf(history) })
          }
          try {
            const list = model.recommend(history, limit, (itemId) => {
              const isWanted = isEligible(itemId)
              isFiltered ||= !isWanted
              return isWanted
            })
            const isJudged = limit >= MIN_JUDGED_LIMIT && !(list.length === 0 && isFiltered)
            if (isJudged) count({ failed: false, itemIds: list.slice(0, SHOWN).map(({ itemId }) => itemId) })
            return list
          } catch (error) {
            count({ failed: true, itemIds: [] })
            throw error
          }
        },
      }
    },
    whyOff: (versionId) => off.get(versionId) ?? null,
    check() {
      const found: { versionId: string; problem: string }[] = []
      for (const [versionId, window] of windows) {
        const problem = off.has(versionId) ? null : window.problem(now())
        if (problem === null) continue
        off.set(versionId, problem)
        found.push({ versionId, problem })
      }
      return found
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
