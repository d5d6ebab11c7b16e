import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGroupCommit, QueueFullError } from './group-commit.ts'

test('operations of one turn are committed together and get their own results', async () => {
  const batches: number[][] = []
  const group = createGroupCommit<number, string>({
    commit(batch) {
      batches.push(batch)
      return batch.map((op) => `done ${op}`)
    },
    maxBatch: 10,
    maxQueue: 100,
  })
  const results = await Promise.all([1, 2, 3].map((op) => group.add(op)))
  expect(results).toEqual(['done 1', 'done 2', 'done 3'])
  expect(batches).toEqual([[1, 2, 3]])
})

test('nothing resolves before its commit has', async () => {
  const committed = Promise.withResolvers<number[]>()
  const group = createGroupCommit<number, number>({
    commit: () => committed.promise,
    maxBatch: 10,
    maxQueue: 10,
  })
  let resolved = false
  const added = group.add(1).then(() => {
    resolved = true
  })
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect([resolved, group.size()]).toEqual([false, 1])
  committed.resolve([1])
  await added
  expect(group.size()).toBe(0)
})

test('a failed batch rejects all of its operations, once, and the next batch goes on', async () => {
  const batches: number[][] = []
  const group = createGroupCommit<number, number>({
    commit(batch) {
      batches.push(batch)
      if (batch.includes(2)) throw new Error('disk full')
      return batch
    },
    maxBatch: 2,
    maxQueue: 100,
  })
  const settled = await Promise.allSettled([1, 2, 3, 4].map((op) => group.add(op)))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ])
})

test('a commit that loses count is a failure, not a guess', async () => {
  const group = createGroupCommit<number, number>({ commit: () => [1], maxBatch: 10, maxQueue: 10 })
  const settled = await Promise.allSettled([group.add(1), group.add(2)])
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
})

test('beyond its limit the queue refuses at once, and takes work again once it is smaller', async () => {
  const group = createGroupCommit<number, number>({ commit: (batch) => batch, maxBatch: 1, maxQueue: 2 })
  const accepted = [group.add(1), group.add(2)]
  await expect(group.add(3)).rejects.toThrow(QueueFullError)
  await Promise.all(accepted)
  await expect(group.add(4)).resolves.toBe(4)
})

test('drain resolves when everything added is settled, failures included', async () => {
  const group = createGroupCommit<number, number>({
    commit(batch) {
      if (batch.includes(3)) throw new Error('no')
      return batch
    },
    maxBatch: 1,
    maxQueue: 10,
  })
  await group.drain()
  const settled = Promise.allSettled([1, 2, 3].map((op) => group.add(op)))
  await group.drain()
  expect(group.size()).toBe(0)
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
})

test('the event loop turns between batches', async () => {
  let turns = 0
  const group = createGroupCommit<number, number>({
    commit: (batch) => batch.map(() => turns),
    maxBatch: 1,
    maxQueue: 10,
  })
  function count() {
    turns += 1
    if (group.size() > 0) setImmediate(count)
  }
  const added = [1, 2, 3].map((op) => group.add(op))
  setImmediate(count)
  const seen = await Promise.all(added)
  expect(new Set(seen).size).toBe(3)
})

test('whatever the arrivals, limits and failures: nothing is lost, reordered or done twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ fails: fc.boolean(), pause: fc.integer({ min: 0, max: 2 }) }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      async (ops, maxBatch, maxQueue, asynchronous) => {
        const seen: number[] = []
        const durable: number[] = []
        const group = createGroupCommit<{ id: number; fails: boolean }, number>({
          async commit(batch) {
            expect(batch.length).toBeLessThanOrEqual(maxBatch)
            seen.push(...batch.map(({ id }) => id))
            if (asynchronous) await new Promise(setImmediate)
            if (batch.some(({ fails }) => fails)) throw new Error('planned')
            durable.push(...batch.map(({ id }) => id))
            return batch.map(({ id }) => id)
          },
          maxBatch,
          maxQueue,
        })
        const outcomes: Promise<'stored' | 'failed' | 'refused'>[] = []
        for (const [id, { fails, pause }] of ops.entries()) {
          const expectRefusal = group.size() >= maxQueue
          outcomes.push(
            group.add({ id, fails }).then(
              (result) => {
                expect(result).toBe(id)
                return 'stored' as const
              },
              (error: unknown) => {
                expect(error instanceof QueueFullError).toBe(expectRefusal)
                return error instanceof QueueFullError ? ('refused' as const) : ('failed' as const)
              },
            ),
          )
          for (let turn = 0; turn < pause; turn++) await new Promise(setImmediate)
        }
        await group.drain()
        const settled = await Promise.all(outcomes)
        const idsOf = (...kinds: string[]) =>
          [...settled.keys()].filter((id) => kinds.includes(settled[id] ?? ''))
        expect(durable).toEqual(idsOf('stored'))
        expect(seen).toEqual(idsOf('stored', 'failed'))
      },
    ),
    { numRuns: 60 },
  )
})
