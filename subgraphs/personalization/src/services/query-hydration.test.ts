import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { runStage } from '../domain/pipeline/stage.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestObserver } from '../testing/test-observer.ts'
import { createHydrationStage, HISTORY_LIMITS } from './query-hydration.ts'

let store: PersonalizationStore

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})

afterEach(() => store.close())

/** Interactions of `u1`, oldest first. */
async function happened(...interactions: readonly (readonly [string, Interaction['type']])[]): Promise<void> {
  const rows = interactions.map(([itemId, type], at) =>
    sampleInteraction(`event-${at}`, { itemId, type, occurredAt: NOON + at }),
  )
  for (let at = 0; at < rows.length; at += 500) await store.importInteractions(rows.slice(at, at + 500))
}

function many(prefix: string, count: number, type: Interaction['type']) {
  return Array.from({ length: count }, (_, at) => [`${prefix}${at}`, type] as const)
}

function createHydration(servingHistory: PersonalizationStore['servingHistory'] = store.servingHistory) {
  let reachable = true
  const stage = createHydrationStage({
    store: { servingHistory: (userId, limits) => servingHistory(userId, limits) },
    remembered: createRememberedOpinions(),
    deadlineMs: 1_000,
    isReachable: () => reachable,
  })
  return {
    async history(userId = 'u1') {
      return (await runStage(stage, { userId }, undefined, createTestObserver())).output
    },
    lose() {
      reachable = false
    },
  }
}

describe('the history of a slate', () => {
  test('500 skips and 500 repeats forget none of 100 likes', async () => {
    const repeats = Array.from({ length: 500 }, () => ['again', 'PLAY'] as const)
    await happened(...many('liked', 100, 'LIKE'), ...many('skipped', 500, 'SKIP'), ...repeats)
    const { likes, consumed, skips } = await createHydration().history()
    expect(likes).toHaveLength(101)
    expect(consumed.has('liked0')).toBe(true)
    expect(skips.size).toBe(500)
  })

  test('holds as many items of each kind as its limits say, and not one more', async () => {
    const { used, skipped } = HISTORY_LIMITS
    await happened(...many('used', used + 1, 'PLAY'), ...many('skipped', skipped + 1, 'SKIP'))
    const { consumed, skips } = await createHydration().history()
    expect([consumed.size, consumed.has('used0'), consumed.has('used1')]).toEqual([used, false, true])
    expect([skips.size, skips.has('skipped0'), skips.has('skipped1')]).toEqual([skipped, false, true])
    expect([used, skipped]).toEqual([500, 500])
  })

  test('keeps 5,000 opinions, whatever else happened since', async () => {
    await happened(...many('hidden', 5_001, 'HIDE'), ...many('used', 600, 'PLAY'))
    const { blocked } = await createHydration().history()
    expect([blocked.items.size, blocked.items.has('hidden0'), blocked.items.has('hidden1')]).toEqual([
      5_000,
      false,
      true,
    ])
  })

  test('a later LIKE undoes a DISLIKE and a HIDE; a later use does not', async () => {
    await happened(
      ['a', 'DISLIKE'],
      ['b', 'HIDE'],
      ['c', 'HIDE'],
      ['a', 'LIKE'],
      ['b', 'LIKE'],
      ['c', 'PLAY'],
    )
    const { blocked, likes } = await createHydration().history()
    expect([...blocked.items]).toEqual(['c'])
    expect(likes.map(({ itemId }) => itemId)).toEqual(['b', 'a'])
  })

  test.each([
    ['fails', () => Promise.reject(new Error('broken'))],
    ['is not asked because the datastore is gone', null],
  ])('that %s still has what the user blocked, as it was last read', async (_, broken) => {
    await happened(['a', 'HIDE'], ['b', 'PLAY'])
    let read = store.servingHistory
    const hydration = createHydration((userId, limits) => read(userId, limits))
    await hydration.history()
    if (broken === null) hydration.lose()
    else read = broken
    const { known, blocked, consumed } = await hydration.history()
    expect({ known, blocked, consumed }).toEqual({
      known: false,
      blocked: { items: new Set(['a']), creators: new Set() },
      consumed: new Set(),
    })
    expect((await hydration.history('somebody else')).blocked.items.size).toBe(0)
  })
})
