import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { type HostileOptions, type HostileResults, MAX_CPU_MS } from './measurement.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const MIB = 1024 ** 2
/** Caches are bounded, and full long before half of the requests. */
const MAX_GROWTH_MIB = 64

/**
 * Sends generated hostile documents to the gateway's routes inside one process, and measures the CPU time of each. False
 * where one took more than 50 ms, was answered with a defect, or memory kept growing.
 */
export async function runHostileBench(
  options: HostileOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  progress(`sending ${options.requests} hostile requests, seed ${options.seed}`)
  const child = fork(MAIN, [String(options.requests), String(options.seed)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // graphql-js checks more where it is not told so.
    env: { NODE_ENV: 'production' },
    execArgv: ['--expose-gc'],
  })
  resources.defer(() => void child.kill())
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process that is measured has ended before its results')
  })
  const [results] = (await Promise.race([once(child, 'message'), ended])) as [HostileResults]

  const kinds = results.kinds.toSorted((one, two) => two.worstMs - one.worstMs)
  write(
    formatTable(
      ['kind', 'requests', 'worst CPU ms', 'of bytes', 'answered'],
      kinds.map(({ kind, requests, worstMs, worstBytes, worstCode }) => [
        kind,
        String(requests),
        worstMs.toFixed(1),
        String(worstBytes),
        worstCode,
      ]),
    ),
  )
  const [half, end] = results.memory
  const growth = ((end?.heap ?? 0) - (half?.heap ?? 0)) / MIB
  write(
    `\nheap ${((half?.heap ?? 0) / MIB).toFixed(0)} MiB halfway, ${((end?.heap ?? 0) / MIB).toFixed(0)} MiB at the end; resident ${((end?.resident ?? 0) / MIB).toFixed(0)} MiB`,
  )
  const problems = [
    ...kinds
      .filter(({ worstMs }) => worstMs > MAX_CPU_MS)
      .map(({ kind, worstMs }) => `${kind}: ${worstMs.toFixed(1)} ms of CPU, more than ${MAX_CPU_MS}`),
    ...kinds.filter(({ crashes }) => crashes > 0).map(({ kind, crashes }) => `${kind}: ${crashes} defects`),
    ...(growth > MAX_GROWTH_MIB ? [`the heap grew by ${growth.toFixed(0)} MiB in the second half`] : []),
  ]
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('hostile-documents'), { options, ...results })}`)
  return problems.length === 0
}
