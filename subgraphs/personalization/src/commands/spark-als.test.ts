import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLogger } from '@bulkhead/service/logging'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { createTrainingService } from '../services/training-service.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { exportToFiles } from './export.ts'
import { importModelFile } from './import-model.ts'

const TRAIN = fileURLToPath(new URL('../../../../examples/spark-als/train.py', import.meta.url))
const PYTHON = process.env.TEST_PYSPARK ?? ''
const HOW = 'examples/spark-als/README.md says how to get one'
const USERS = 60
const ITEMS = 20

if (PYTHON === '') console.warn(`SKIPPED: a model from a real Spark: TEST_PYSPARK names no Python; ${HOW}`)

describe.skipIf(PYTHON === '')(
  `examples/spark-als${PYTHON === '' ? ' (skipped: no TEST_PYSPARK)' : ''}`,
  () => {
    test('exports, trains implicit ALS on Spark, and brings back a model that knows two tastes apart', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bulkhead-spark-als-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const store = await openPersonalizationStore('sqlite::memory:')
      onTestFinished(() => store.close())
      const clock = { now: () => Date.UTC(2026, 5, 1) }
      const training = createTrainingService({
        ...{ store, clock, log: createLogger({ service: 'test', level: 'silent' }) },
      })
      let out = ''
      const context = {
        ...{ store, clock, training, err: { write: () => undefined } },
        out: { write: (text: string) => (out += text) },
      }
      // Even listeners play even items, odd listeners odd ones; each leaves out some. Skips of the others are no taste.
      const rows = Array.from({ length: USERS }, (_, user) =>
        Array.from({ length: ITEMS }, (_, item) =>
          sampleInteraction(`event-${user}-${item}`, {
            ...{ userId: `u${user}`, itemId: `i${item}` },
            type: (user + item) % 2 === 0 ? 'PLAY' : 'SKIP',
          }),
        ).filter((_, item) => (user * 7 + item * 3) % 5 !== 0),
      ).flat()
      await store.upsertItems(Array.from({ length: ITEMS }, (_, item) => sampleItem(`i${item}`)))
      for (let at = 0; at < rows.length; at += 500) await store.importInteractions(rows.slice(at, at + 500))

      const exported = join(folder, 'interactions')
      await exportToFiles({ folder: exported, format: 'parquet', json: false }, context)
      const model = join(folder, 'als.safetensors')
      await promisify(execFile)(PYTHON, [TRAIN, exported, model, '--rank', '4', '--iterations', '5'], {
        env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1' },
      })
      out = ''
      await importModelFile({ file: model, model: 'spark-als', owner: 'test', json: true }, context)
      expect(JSON.parse(out)).toMatchObject({ id: 'spark-als-v1', items: ITEMS, inCatalogue: ITEMS })

      const serving = decodeModel((await store.modelArtefact('spark-als-v1'))!)
      for (const parity of [0, 1]) {
        const history = [parity, parity + 2].map((item) => ({ itemId: `i${item}`, weight: 1 }))
        const ids = serving.recommend(history, 5).map(({ itemId }) => Number(itemId.slice(1)))
        expect(ids).toHaveLength(5)
        expect(ids.filter((id) => id % 2 !== parity)).toEqual([])
      }
    }, 300_000)
  },
)
