import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { type RankedUser, rankingQuality } from '../testing/ranking-quality.ts'
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
    test('imported, trained on and ranked for its 942 test users, precision@10 is at least .37', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bulkhead-ml-100k-'))
      const store = await openPersonalizationStore(`sqlite:${join(folder, 'personalization.db')}`, {
        pauseBulkWrites: false,
      })
      try {
        const clock = { now: () => Date.UTC(2026, 0, 1) }
        const { code, out } = await runImport(['interactions', fileURLToPath(TRAIN)], { store, clock })
        expect(code).toBe(0)
        expect(out).toContain('80,000 read, 80,000 new, 0 already known, none rejected')

        const artefact = await store.modelArtefact('ease-v1')
        const model = decodeModel(artefact!)
        const tested = readFileSync(TEST, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' '))
        expect(tested.length).toBe(942)
        const ranked: RankedUser[] = []
        for (const [userId, ...itemIds] of tested) {
          const known = await store.servingHistory(userId!, { opinions: 1, used: 10_000, skipped: 1 })
          const history = known.used.map(({ itemId }) => ({ itemId, weight: 1 }))
          ranked.push({
            relevant: new Set(itemIds),
            ranked: model.recommend(history, CUTOFF).map(({ itemId }) => itemId),
          })
        }
        expect(rankingQuality(ranked, CUTOFF).precision).toBeGreaterThanOrEqual(0.37)
      } finally {
        await store.close()
        rmSync(folder, { recursive: true })
      }
    }, 180_000)
  },
)
