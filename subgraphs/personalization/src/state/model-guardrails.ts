import {
  createModelWindow,
  DEFAULT_GUARDRAILS,
  type GuardrailLimits,
  type ListOutcome,
  type ModelWindow,
} from '../domain/guardrails/model-window.ts'
import type { RecommendationModel } from '../domain/recommendation-model.ts'

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

/** @param options.now milliseconds of a clock that does not go back */
export function createModelGuardrails(
  options: { readonly limits?: GuardrailLimits; readonly now?: () => number } = {},
): ModelGuardrails {
  const { limits = DEFAULT_GUARDRAILS, now = () => performance.now() } = options
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
        recommend(history, limit, isEligible) {
          const start = now()
          function count(outcome: Omit<ListOutcome, 'ms'>): void {
            const end = now()
            windowOf(versionId, model.itemCount).add(end, { ...outcome, ms: end - start })
          }
          try {
            const list = model.recommend(history, limit, isEligible)
            count({ failed: false, itemIds: list.map(({ itemId }) => itemId) })
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
