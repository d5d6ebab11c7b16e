import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'
import { createShadowCounter, type ShadowCounts } from '@bulkhead/personalization/domain/shadow/shadow-counts'

/** More than the gate of the shadow report asks for. */
const SHADOW_REQUESTS = 250

/**
 * Registers the artefact of one version as further versions, with what the gates on the way to EXPERIMENT ask for: the
 * evaluation of the version that is copied, and a good shadow report. Real evaluations and minutes in shadow are walked by
 * `model-path.e2e.ts`. Each step is still asked of the running service.
 * @param options.artefact another one than the version's
 * @param options.championId against which each was evaluated: what is in production when the steps are asked for
 */
export async function registerCopies(
  url: string,
  options: {
    readonly of: string
    readonly as: readonly string[]
    readonly championId: string
    readonly artefact?: { readonly bytes: Uint8Array; readonly hash: string }
  },
): Promise<void> {
  const store = await openPersonalizationStore(url)
  try {
    const [version] = await store.modelVersionsByIds([options.of])
    const bytes = options.artefact?.bytes ?? (await store.modelArtefact(options.of))
    const evaluation = (await store.modelEvaluations([options.of])).get(options.of)
    if (version === undefined || bytes === null || evaluation === undefined) {
      throw new Error(`${options.of} cannot be copied`)
    }
    const artefactHash = options.artefact?.hash ?? version.artefactHash
    for (const id of options.as) {
      const createdAt = Date.now()
      const registered = { from: null, to: 'REGISTERED', at: createdAt, by: 'e2e', reason: 'a copy' } as const
      const saved = await store.saveModelVersion(
        { ...version, id, createdAt, artefactHash, stage: 'REGISTERED', stageHistory: [registered] },
        bytes,
      )
      if (saved !== 'saved') throw new Error(`${id} is there already`)
      await store.addModelEvaluation(id, { ...evaluation, createdAt, championId: options.championId })
      await store.addShadow(id, { source: 'e2e', championId: options.championId, counts: goodShadow() })
    }
  } finally {
    await store.close()
  }
}

function goodShadow(): ShadowCounts {
  const counter = createShadowCounter()
  const comparison = { overlapAt10: 0.5, rankBiasedOverlap: 0.5, popularityShift: 0, shown: ['i1', 'i2'] }
  for (let n = 0; n < SHADOW_REQUESTS; n++) counter.compared(comparison, 1, 100)
  return counter.counts()
}
