import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { OutboxClaim, PersonalizationStore } from '../port.ts'
import { byCodePoint, deliverAll } from './store-contents.ts'

const LEASE_MS = 10

/** A model of the outbox: two stores on one database must behave like it. */
function createOutboxModel() {
  const entries = new Map<string, { oldest: number; dueAt: number; attempts: number; token: string | null }>()
  const known = new Set<string>()
  return {
    /** What was stored once is known for ever, delivered or not. */
    add(id: string, oldest: number): void {
      if (known.has(id)) return
      known.add(id)
      entries.set(id, { oldest, dueAt: 0, attempts: 0, token: null })
    },
    claim(now: number, limit: number, token: string): readonly (readonly [string, number])[] {
      const due = [...entries]
        .filter(([, { dueAt }]) => dueAt <= now)
        .toSorted(([idA, a], [idB, b]) => a.oldest - b.oldest || byCodePoint(idA, idB))
        .slice(0, limit)
      for (const [, entry] of due) Object.assign(entry, { dueAt: now + LEASE_MS, token })
      return due.map(([id, { attempts }]) => [id, attempts])
    },
    complete(token: string): void {
      for (const [id, entry] of entries) if (entry.token === token) entries.delete(id)
    },
    retry(token: string, dueAt: number): void {
      for (const entry of entries.values()) {
        if (entry.token === token) Object.assign(entry, { dueAt, token: null, attempts: entry.attempts + 1 })
      }
    },
    state: () => ({
      size: entries.size,
      oldest: entries.size === 0 ? null : Math.min(...[...entries.values()].map(({ oldest }) => oldest)),
    }),
  }
}

type Step =
  | { readonly type: 'record'; readonly id: number; readonly age: number }
  | { readonly type: 'slate'; readonly id: number; readonly age: number }
  | { readonly type: 'claim'; readonly limit: number }
  | { readonly type: 'complete'; readonly claim: number; readonly delay: number }
  | { readonly type: 'retry'; readonly claim: number; readonly delay: number }
  | { readonly type: 'wait'; readonly milliseconds: number }

type StepOfStore = readonly [step: Step, store: 0 | 1]

const small = fc.nat({ max: 9 })
const stepArbitrary: fc.Arbitrary<StepOfStore> = fc.tuple(
  fc.oneof(
    fc.record({ type: fc.constantFrom('record', 'slate'), id: small, age: small }),
    fc.record({ type: fc.constant('claim'), limit: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ type: fc.constantFrom('complete', 'retry'), claim: small, delay: small }),
    fc.record({ type: fc.constant('wait'), milliseconds: fc.nat({ max: 2 * LEASE_MS }) }),
  ),
  fc.constantFrom(0, 1),
)

/** A slate and an interaction that tie in everything but their kind, of which a claim takes one: seldom drawn by chance. */
const TIE_OF_KINDS: readonly StepOfStore[] = [
  [{ type: 'slate', id: 0, age: 9 }, 0],
  [{ type: 'record', id: 0, age: 9 }, 0],
  [{ type: 'claim', limit: 1 }, 0],
]

export function describeOutboxModel(urlOf: (database: string) => string): void {
  describe('outbox, any sequence of steps', () => {
    const stores: PersonalizationStore[] = []
    beforeAll(async () => {
      for (let count = 0; count < 2; count++) {
        stores.push(await openPersonalizationStore(urlOf('outbox-model')))
      }
    })
    afterAll(async () => {
      for (const store of stores) await store.close()
    })

    test('two stores see what one simple model of the outbox says', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 25 }), async (steps) => {
          await deliverAll(stores[0] ?? expect.unreachable(), NOON + 1e9)
          const model = createOutboxModel()
          const prefix = `model-${run++}-`
          const claims: OutboxClaim[] = []
          let now = NOON
          for (const [step, index] of steps) {
            const store = stores[index] ?? expect.unreachable()
            if (step.type === 'wait') now += step.milliseconds
            else if (step.type === 'claim') {
              const claimed = await store.claimOutbox({ now, leaseMs: LEASE_MS, limit: step.limit })
              // The model breaks ties by the adapters' entry ids, which begin with the owner's kind.
              const seen = claimed.entries.map(({ id, attempts }) => [id, attempts])
              expect(seen).toEqual(model.claim(now, step.limit, claimed.token))
              claims.push(claimed)
            } else if (step.type === 'complete' || step.type === 'retry') {
              const { token, entries } = claims[step.claim % Math.max(claims.length, 1)] ?? {}
              if (token === undefined || entries === undefined) continue
              const ids = entries.map(({ id }) => id)
              if (step.type === 'complete') {
                await store.completeOutbox(token, ids)
                model.complete(token)
              } else {
                await store.retryOutbox(token, ids, now + step.delay)
                model.retry(token, now + step.delay)
              }
            } else {
              const id = `${prefix}${step.id}`
              const occurredAt = NOON - step.age
              if (step.type === 'record') await store.recordInteractions([sampleRecord(id, { occurredAt })])
              else {
                const instant = new Date(occurredAt).toISOString()
                await store.saveSlate(sampleSlate(id), [sampleExposure(id, { occurredAt: instant })])
              }
              model.add(`${step.type === 'record' ? 'interaction' : 'slate'}:${id}`, occurredAt)
            }
            expect(await store.outboxState()).toEqual(model.state())
          }
        }),
        { numRuns: 40, examples: [[TIE_OF_KINDS]] },
      )
    })
  })
}
