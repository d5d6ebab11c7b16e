import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CONSUMING_TYPES } from '../../domain/interaction.ts'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { openPersonalizationStore } from '../open.ts'
import { startRecorder } from '../testing/recorder-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'personalization-two-processes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const BATCHES = 20
const ROWS = 200

test('an import and a busy service on one SQLite file both go on, and lose nothing', async () => {
  const url = `sqlite:${folder}/shared.db`
  const store = await openPersonalizationStore(url)
  const service = startRecorder(url, 'service')
  await expect.poll(() => service.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(0)

  let recordedMeanwhile = 0
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = service.acknowledged.length
    const rows = Array.from({ length: ROWS }, (_, row) =>
      sampleInteraction(`import-${batch}-${row}`, { userId: `${batch}-${row}` }),
    )
    expect(await store.importInteractions(rows)).toBe(ROWS)
    if (service.acknowledged.length > before) recordedMeanwhile += 1
  }
  await service.kill()

  expect(recordedMeanwhile).toBeGreaterThan(BATCHES / 2)
  const stored = await store.scanInteractions({ after: null, limit: 1_000_000 })
  const ids = new Set(stored.map(({ eventId }) => eventId))
  const acknowledged = service.acknowledged.filter(({ kind }) => kind === 'interaction').map(({ id }) => id)
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
  expect([...ids].filter((id) => id.startsWith('import-'))).toHaveLength(BATCHES * ROWS)
  const consumed = stored.filter(({ type }) => CONSUMING_TYPES.includes(type))
  const pairs = new Set(consumed.map(({ userId, itemId }) => `${userId} ${itemId}`))
  const counted = (await store.popularItems(1_000)).reduce((sum, { listeners }) => sum + listeners, 0)
  expect(counted).toBe(pairs.size)
  await store.close()
}, 60_000)
