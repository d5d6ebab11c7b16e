import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { runImport } from '../testing/run-import.ts'

/** Research data that stands beside the repository and never in it. */
const FOLDER = new URL('../../../../../shared/data/ml-100k/', import.meta.url)
const TRAIN = new URL('train.rating', FOLDER)
const TEST = new URL('test.rating', FOLDER)
const present = existsSync(TRAIN) && existsSync(TEST)
const CUTOFF = 10

describe.skipIf(!present)(
  `MovieLens 100K${present ? '' : ' (skipped: ../shared/data/ml-100k is not there)'}`,
  () => {
    // It imports 80,000 rows and trains: seconds alone, a minute on a busy machine.
    test('imported, trained on and ranked for its 942 test users, precision@10 is at least .30', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bulkhead-ml-100k-'))
      const store = await openPersonalizationStore(`sqlite:${join(folder, 'personalization.db')}`, {
        pauseBulkWrites: false,
      })
      try {
        const clock = { now: () => Date.UTC(2026, 0, 1) }
        const { code, out } = await runImport(['interactions', fileURLToPath(TRAIN)], { store, clock })
        expect(code).toBe(0)
        expect(out).toContain('80,000 read, 80,000 new, 0 already known, none rejected')

        const artefact = await store.modelArtefact('item-to-item-v1')
        const model = decodeModel(artefact!)
        const tested = readFileSync(TEST, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' '))
        expect(tested.length).toBe(942)
        const total = { precision: 0, recall: 0, recallAtMost: 0, ndcg: 0 }
        for (const [userId, ...itemIds] of tested) {
          const relevant = new Set(itemIds)
          const known = await store.servingHistory(userId!, { recent: 10_000, blocked: 1 })
          const history = known.recent.map(({ itemId }) => ({ itemId, weight: 1 }))
          const hits = model.recommend(history, CUTOFF).map(({ itemId }) => relevant.has(itemId))
          const found = hits.filter(Boolean).length
          total.precision += found / CUTOFF
          total.recall += found / relevant.size
          total.recallAtMost += found / Math.min(CUTOFF, relevant.size)
          total.ndcg += discounted(hits) / discounted(Array(Math.min(CUTOFF, relevant.size)).fill(true))
        }
        const mean = (sum: number): string => (sum / tested.length).toFixed(4)
        console.info(
          `ml-100k @${CUTOFF}: precision ${mean(total.precision)}, recall by |relevant| ${mean(total.recall)}, ` +
            `recall by min(k, |relevant|) ${mean(total.recallAtMost)}, NDCG (ideal cut at k) ${mean(total.ndcg)}`,
        )
        expect(total.precision / tested.length).toBeGreaterThanOrEqual(0.32)
      } finally {
        await store.close()
        rmSync(folder, { recursive: true })
      }
    }, 180_000)
  },
)

function discounted(hits: readonly boolean[]): number {
  return hits.reduce((sum, hit, rank) => sum + (hit ? 1 / Math.log2(rank + 2) : 0), 0)
}
