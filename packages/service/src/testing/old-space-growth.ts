/**
 * `node --single-threaded old-space-growth.ts plain|service`: prints how many MiB V8's old objects grow by while 20 MiB
 * of garbage are made by code whose objects lived long before; in a service, or without one. With several threads it
 * would depend on their pace when V8 optimizes that code.
 */

import { getHeapSpaceStatistics } from 'node:v8'
import { createLogger } from '../logging.ts'
import { runService } from '../process/lifecycle.ts'

function oldMib(): number {
  const old = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')
  return (old?.space_used_size ?? Number.NaN) / 2 ** 20
}

function makeObject(n: number): object {
  return { n, list: [n, n + 1, n + 2, n + 3], inner: { list: [n], n } }
}

function measure(): void {
  const alive: (object | null)[] = new Array(300_000).fill(null)
  for (let n = 0; n < alive.length; n += 1) alive[n] = makeObject(n)
  alive.fill(null)
  const before = oldMib()
  for (let n = 0; n < 100_000; n += 1) alive[0] = makeObject(n)
  process.stdout.write(`${oldMib() - before}`)
}

if (process.argv[2] === 'plain') measure()
else {
  runService({
    name: 'fixture',
    async start() {
      measure()
      return {
        log: createLogger({ service: 'fixture', level: 'info' }),
        drainTimeoutMs: 100,
        stop: () => Promise.resolve(),
      }
    },
  })
}
