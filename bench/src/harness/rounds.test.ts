import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { expect, test } from 'vitest'
import type { LoadOrder, LoadResult } from './load.ts'
import { type Contestant, measureInTurns, type RoundsOptions } from './rounds.ts'

/** The bench reads the CPU time of this test's own process. */
function contestant(name: string, exited = false): Contestant {
  const process: Pick<TestProcess, 'pid' | 'exited' | 'output'> = {
    pid: globalThis.process.pid,
    exited: () => exited,
    output: () => 'its last words',
  }
  const order: Contestant['order'] = {
    url: name,
    headers: {},
    body: [],
    reading: 'whole',
    expected: { type: 'text', parts: [] },
    connections: 1,
  }
  return { name, process: process as TestProcess, order }
}

const RESULT: LoadResult = {
  requests: 100,
  elapsedMs: 50,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  shareWithin: 1,
  failures: { count: 0, example: null },
}

function options(run: (order: LoadOrder) => Partial<LoadResult>): RoundsOptions {
  return {
    load: { run: async (order) => ({ ...RESULT, ...run(order) }) },
    rounds: 3,
    requests: 100,
    warmUpRequests: 10,
    maxMs: 1_000,
    counters: async () => ({}),
    progress: () => undefined,
  }
}

test('all are warmed up first, and then take turns', async () => {
  const orders: string[] = []
  const taking = options(({ url, requests }) => {
    orders.push(`${url} ${requests}`)
    return {}
  })
  await measureInTurns([contestant('a'), contestant('b')], { ...taking, rounds: 2 })
  expect(orders).toEqual(['a 10', 'b 10', 'a 100', 'b 100', 'a 100', 'b 100'])
})

test('a figure is the median of the rounds, and a counter is taken by request', async () => {
  let p99Ms = 0
  let fetches = 0
  const [measured] = await measureInTurns([contestant('a')], {
    ...options(({ requests }) => {
      if (requests === 10) return {}
      fetches += 250
      p99Ms += 10
      return { p99Ms: p99Ms === 30 ? 1_000 : p99Ms }
    }),
    counters: async () => ({ fetches }),
  })
  expect(measured?.rounds.map((round) => round.p99Ms)).toEqual([10, 20, 1_000])
  expect(measured?.median).toMatchObject({ p99Ms: 20, requestsPerSecond: 2_000, counted: { fetches: 2.5 } })
})

test('CPU time is that of the round alone, by request', async () => {
  const burnt = 400
  const [measured] = await measureInTurns([contestant('a')], {
    ...options(() => {
      const start = process.cpuUsage()
      for (let used = 0; used < burnt * 1_000; ) {
        const { user, system } = process.cpuUsage(start)
        used = user + system
      }
      return {}
    }),
    rounds: 1,
  })
  const perRequest = (burnt * 1_000) / RESULT.requests
  expect(measured?.median.cpuUsPerRequest).toBeGreaterThan(perRequest * 0.9)
  expect(measured?.median.cpuUsPerRequest).toBeLessThan(perRequest * 1.8)
})

test('a wrong answer in any round is kept with its contestant', async () => {
  const wrong = { failures: { count: 1, example: 'HTTP 500' } }
  let runs = 0
  const [bad, good] = await measureInTurns(
    [contestant('bad'), contestant('good')],
    options(({ url }) => (url === 'bad' && ++runs === 3 ? wrong : {})),
  )
  expect({ bad: bad?.failure, good: good?.failure }).toEqual({ bad: 'HTTP 500', good: null })
})

test('a contestant that has ended stops the bench with its last words', async () => {
  await expect(
    measureInTurns(
      [contestant('a', true)],
      options(() => ({})),
    ),
  ).rejects.toThrow('a has ended:\nits last words')
})
