import { setImmediate as nextTurn } from 'node:timers/promises'
import { callThread } from '@bulkhead/threads/call-thread'
import type { PackedIds } from '../../domain/artefact/packed-ids.ts'
import type { ItemIndex } from '../../domain/item-index.ts'
import { createModel, type RecommendationModel } from '../../domain/recommendation-model.ts'
import type { PackedContent } from './model-content.ts'

export type ModelReader = {
  /**
   * The model that an artefact holds, or what is wrong with it: another SHA-256, or what docs/model-artefacts.md refuses.
   * The artefact's memory is taken over, so nobody can read it afterwards.
   */
  read(artefact: Uint8Array, sha256: string): Promise<RecommendationModel | string>
  close(): Promise<void>
}

/** What `read-model-main.ts` answers. */
export type ModelReading = {
  read(artefact: Uint8Array, sha256: string): Promise<PackedContent | string>
  close(): Promise<void>
}

/** Ids that are indexed before the event loop gets a turn: about a millisecond's work. */
const IDS_PER_TURN = 5_000

/**
 * Reads models on a thread: hashing and checking a hundred megabytes takes a tenth of a second, which no slate has to wait
 * for. What is left for the event loop, an index of the ids, is made in small steps.
 */
export function createModelReader(): ModelReader {
  const thread = callThread<ModelReading>({
    main: new URL('./read-model-main.ts', import.meta.url),
  })
  return {
    async read(artefact, sha256) {
      const packed = await thread.callHandingOver([artefact], 'read', artefact, sha256)
      return typeof packed === 'string' ? packed : createModel(packed.content, await indexInSteps(packed.ids))
    },
    close: thread.close,
  }
}

async function indexInSteps({ bytes, offsets }: PackedIds): Promise<ItemIndex> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ids: string[] = []
  const places = new Map<string, number>()
  for (let place = 0; place + 1 < offsets.length; place++) {
    const id = text.toString('utf8', offsets[place], offsets[place + 1])
    ids.push(id)
    places.set(id, place)
    if (ids.length % IDS_PER_TURN === 0) await nextTurn()
  }
  return { ids, places }
}
