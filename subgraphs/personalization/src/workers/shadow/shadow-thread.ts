import { getPriority, setPriority } from 'node:os'
import { answerCalls } from '@bulkhead/threads/answer-calls'
import { threadCpuMs } from '@bulkhead/threads/thread-cpu'
import type { HistoryItem, RecommendationModel } from '../../domain/recommendation-model.ts'

export type ShadowCandidate = { readonly itemId: string; readonly score: number }

/** What the thread of a model in shadow answers. */
export type ShadowThread = {
  /** Reads the model that `recommend` asks from now on. @returns what is wrong with the artefact; null where nothing is */
  load(artefact: Uint8Array, sha256: string): Promise<string | null>
  /** As `RecommendationModel.recommend`. CPU times are milliseconds: of this list, and of the thread since its start. */
  recommend(
    likes: readonly HistoryItem[],
    limit: number,
  ): Promise<{
    readonly candidates: readonly ShadowCandidate[]
    readonly cpuMs: number
    readonly threadCpuMs: number
  }>
  close(): Promise<void>
}

/** The lowest priority there is. */
const NICE = 19

/**
 * Answers as the thread of one model in shadow.
 * @param read the model that an artefact holds, or what is wrong with it
 */
export function answerShadow(
  read: (
    artefact: Uint8Array,
    sha256: string,
  ) => RecommendationModel | string | Promise<RecommendationModel | string>,
): void {
  giveWay()
  answerCalls((): ShadowThread => {
    let model: RecommendationModel | null = null
    return {
      async load(artefact, sha256) {
        const loaded = await read(artefact, sha256)
        if (typeof loaded === 'string') return loaded
        model = loaded
        return null
      },
      async recommend(likes, limit) {
        if (model === null) throw new Error('no model is loaded')
        // Time on the clock would say how busy the machine is, since whatever serves goes first.
        const before = threadCpuMs()
        const found = model.recommend(likes, limit)
        const after = threadCpuMs()
        const candidates = found.map(({ itemId, score }) => ({ itemId, score }))
        return { candidates, cpuMs: after - before, threadCpuMs: after }
      },
      async close() {},
    }
  })
}

/**
 * Lets every other thread of the machine go first. Linux has a priority for each thread and takes 0 for the thread that
 * asks; elsewhere it would be that of the whole process, which has to stay as it is.
 */
function giveWay(): void {
  if (process.platform === 'linux' && getPriority() < NICE) setPriority(NICE)
}
