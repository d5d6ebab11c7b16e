import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Research data that stands beside the repository and never in it. */
const FOLDER = new URL('../../../../../shared/data/ml-100k/', import.meta.url)
const TRAIN = fileURLToPath(new URL('train.rating', FOLDER))
const TEST = fileURLToPath(new URL('test.rating', FOLDER))
const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const present = existsSync(TRAIN) && existsSync(TEST)

/**
 * Dacrema et al., "A troubling analysis of reproducibility and progress in recommender systems research" (TOIS 2021),
 * additional material, table 46: MovieLens 100K @10. Its recall divides by |relevant|, its NDCG has the full ideal.
 */
const PUBLISHED = { precision: 0.1907, recall: 0.118, 'ndcg-full-ideal': 0.1361 } as const

describe.skipIf(!present)(
  `MovieLens 100K with the commands alone${present ? '' : ' (skipped: ../shared/data/ml-100k is not there)'}`,
  () => {
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bulkhead-ml-100k-'))
      await cli(['import', 'interactions', TRAIN, '--no-train'])
    }, 120_000)
    afterAll(() => rmSync(folder, { recursive: true }))

    async function cli(args: readonly string[]): Promise<string> {
      const child = spawn(process.execPath, [CLI, ...args], {
        env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATA_DIR: folder },
      })
      const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
      expect([await exited, err]).toEqual([0, expect.any(String)])
      return out
    }

    async function measured(model: string): Promise<{ users: number; values: ReadonlyMap<string, number> }> {
      const out = await cli(['evaluate', '--test', TEST, '--model', model, '--json'])
      const { protocol, metrics } = JSON.parse(out)
      return {
        users: protocol.users.measured,
        values: new Map(metrics.map(({ name, value }: { name: string; value: number }) => [name, value])),
      }
    }

    test('popular has the published figures of TopPop', async () => {
      const { users, values } = await measured('popular')
      expect(users).toBe(942)
      for (const [name, published] of Object.entries(PUBLISHED)) {
        expect(Math.abs((values.get(`${name}@10`) ?? 0) - published), name).toBeLessThan(0.002)
      }
    }, 120_000)

    test('ease keeps 99 % of the precision and recall that are published for the whole matrix', async () => {
      const { values } = await measured('ease')
      expect(values.get('precision@10')).toBeGreaterThanOrEqual(0.99 * 0.3739)
      expect(values.get('recall@10')).toBeGreaterThanOrEqual(0.99 * 0.243)
    }, 120_000)

    test('item-knn reaches the precision of the best BM25-weighted cosine', async () => {
      const { values } = await measured('item-knn')
      expect(values.get('precision@10')).toBeGreaterThanOrEqual(0.325)
      expect(values.get('recall@10')).toBeGreaterThanOrEqual(0.21)
    }, 120_000)
  },
)
