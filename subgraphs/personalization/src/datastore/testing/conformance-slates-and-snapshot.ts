import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE_ATTRIBUTES } from '../../testing/samples/attributes.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { deliverAll } from './store-contents.ts'

export function describeSlatesAndSnapshot(urlOf: (database: string) => string): void {
  describe('slates and snapshot', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('slates'))
    })
    afterAll(() => store.close())

    test('a slate comes back as it was, with and without pending events', async () => {
      const slates = [
        sampleSlate('whole', { attributes: HOSTILE_ATTRIBUTES }),
        sampleSlate('bare', { items: [], assignments: [], snapshotVersion: null }),
      ]
      await Promise.all([
        store.saveSlate(slates[0] ?? expect.unreachable(), [sampleExposure('exposure-whole')]),
        store.saveSlate(slates[1] ?? expect.unreachable(), []),
      ])
      const read = await store.slatesByIds(['bare', 'none', 'whole', 'whole'])
      expect(read.toSorted((a, b) => (a.id < b.id ? 1 : -1))).toEqual(slates)
      expect(JSON.stringify(read.find(({ id }) => id === 'whole')?.attributes)).toBe(
        JSON.stringify(HOSTILE_ATTRIBUTES),
      )
      expect(await store.slatesByIds([])).toEqual([])
    })

    test('its pending events are delivered as they were, and none makes no entry', async () => {
      await deliverAll(store, NOON)
      const events = [
        sampleExposure('exposure-a', { attributes: HOSTILE_ATTRIBUTES }),
        sampleExposure('exposure-b'),
      ]
      await store.saveSlate(sampleSlate('with-events'), events)
      await store.saveSlate(sampleSlate('without-events'), [])
      expect((await store.outboxState()).size).toBe(1)
      const [entry] = await deliverAll(store, NOON)
      expect(JSON.stringify(entry?.events)).toBe(JSON.stringify(events))
    })

    test('a slate is never changed: saving its id again writes neither it nor its events', async () => {
      await deliverAll(store, NOON)
      await store.saveSlate(sampleSlate('once'), [])
      await store.saveSlate(sampleSlate('once', { surface: 'other' }), [sampleExposure('exposure-once')])
      expect(await store.slatesByIds(['once'])).toEqual([sampleSlate('once')])
      expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
    })

    test('a slate is read whatever its sources are called: the code may have lost one since', async () => {
      const [item] = sampleSlate('any').items
      const slate = sampleSlate('by-a-lost-source', {
        items: [{ ...(item ?? expect.unreachable()), source: 'lost-source' }],
      })
      await store.saveSlate(slate, [])
      expect(await store.slatesByIds([slate.id])).toEqual([slate])
    })

    test('a delivered slate is still there', async () => {
      await store.saveSlate(sampleSlate('delivered'), [sampleExposure('exposure-delivered')])
      await deliverAll(store, NOON)
      expect(await store.slatesByIds(['delivered'])).toEqual([sampleSlate('delivered')])
    })

    test('the snapshot that is kept is the highest one, as it came over the wire', async () => {
      expect(await store.lastSnapshot()).toBeNull()
      const second = { version: 2, future: HOSTILE_ATTRIBUTES, signature: 'x' }
      await store.keepSnapshot(second)
      expect(JSON.stringify(await store.lastSnapshot())).toBe(JSON.stringify(second))
      await store.keepSnapshot({ version: 1 })
      await store.keepSnapshot(Object.assign({ version: 2 }, { signature: 'other' }))
      expect(JSON.stringify(await store.lastSnapshot())).toBe(JSON.stringify(second))
      await Promise.all([5, 3, 9, 4].map((version) => store.keepSnapshot({ version })))
      expect(await store.lastSnapshot()).toEqual({ version: 9 })
    })
  })
}
