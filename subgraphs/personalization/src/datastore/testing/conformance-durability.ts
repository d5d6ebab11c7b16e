import { describe, expect, test } from 'vitest'
import type { Interaction } from '../../domain/interaction.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { type RecorderProcess, startRecorder } from './recorder-process.ts'
import { deliverAll, eventIdsOf } from './store-contents.ts'

const KILLS = 3

export function describeDurability(urlOf: (database: string) => string): void {
  describe('durability', () => {
    test('what a process acknowledged before kill -9 is there, once, with its outbox entry', async () => {
      const url = urlOf('crash')
      const acknowledged: { readonly kind: string; readonly id: string }[] = []
      for (let round = 0; round < KILLS; round++) {
        acknowledged.push(...(await recordAndKill(url, `run${round}`, 150 + round * 97)))
      }
      const acknowledgedOf = (wanted: string): readonly string[] =>
        acknowledged.flatMap(({ kind, id }) => (kind === wanted ? [id] : []))

      const store = await openPersonalizationStore(url)
      const stored = (await scanAll(store)).map(({ eventId }) => eventId)
      const slateIds = acknowledgedOf('slate')
      expect(acknowledgedOf('interaction').filter((id) => !stored.includes(id))).toEqual([])
      expect(slateIds.length).toBeGreaterThan(0)
      expect(await store.slatesByIds(slateIds)).toHaveLength(slateIds.length)

      const pending = eventIdsOf(await deliverAll(store, NOON))
      expect(new Set(pending).size).toBe(pending.length)
      // Also of those that were stored but not acknowledged any more: never one without the other.
      expect(stored.filter((id) => !pending.includes(id))).toEqual([])
      expect(slateIds.filter((id) => !pending.includes(id))).toEqual([])
      await store.close()
    })

    test('everything is there after a store is closed and opened again', async () => {
      const first = await openPersonalizationStore(urlOf('reopen'))
      await first.upsertItems([sampleItem('i1')])
      await first.keepSnapshot({ version: 3 })
      const late = first.recordInteractions([sampleRecord('late-1')])
      await first.close()
      await late
      const second = await openPersonalizationStore(urlOf('reopen'))
      expect(await second.itemsByIds(['i1'])).toEqual([sampleItem('i1')])
      expect(await second.lastSnapshot()).toEqual({ version: 3 })
      expect(eventIdsOf(await deliverAll(second, NOON))).toEqual(['late-1'])
      await second.close()
    })

    test('every method of a closed store says that the datastore is unavailable', async () => {
      const store = await openPersonalizationStore(urlOf('closed'))
      await store.ping()
      await store.close()
      const calls = [
        store.ping(),
        store.itemsByIds(['i1']),
        store.upsertItems([sampleItem('i1')]),
        store.servingHistory('u1', { opinions: 5, used: 5, skipped: 5 }),
        store.recordInteractions([sampleRecord('closed-1')]),
        store.claimOutbox({ now: NOON, leaseMs: 1, limit: 1 }),
        store.outboxState(),
        store.lastSnapshot(),
      ]
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { name: 'DatastoreUnavailableError', code: 'DATASTORE_UNAVAILABLE' },
        })
      }
    })
  })
}

/** Runs the recorder until it has acknowledged this many rows, kills it, and returns all that it acknowledged. */
async function recordAndKill(
  url: string,
  prefix: string,
  rows: number,
): Promise<RecorderProcess['acknowledged']> {
  const recorder = startRecorder(url, prefix)
  await expect.poll(() => recorder.acknowledged.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(rows)
  await recorder.kill()
  return recorder.acknowledged
}

async function scanAll(store: PersonalizationStore): Promise<readonly Interaction[]> {
  const all: Interaction[] = []
  for (let after: Interaction | null = null; ; ) {
    const page: readonly Interaction[] = await store.scanInteractions({ after, limit: 500 })
    all.push(...page)
    after = page.at(-1) ?? null
    if (page.length < 500) return all
  }
}
