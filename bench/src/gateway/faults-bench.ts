import type { BenchContext } from '../context.ts'
import { startLoad } from '../harness/load-client.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { endOfStream, type FaultCase, type FaultsBenchOptions, startFaultCase } from './fault-case.ts'
import { FAULTS } from './faults.ts'
import { type FaultResults, formatFirstParts, formatPlain, problemsOf } from './faults-report.ts'

/**
 * What clients of our gateway notice when experimentation is slow or gone: how late the first part of a deferred answer
 * comes, and whether a plain answer comes at its deadline. False where an answer was wrong.
 */
export async function runFaultsBench(
  options: FaultsBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const load = startLoad(resources)
  const cases: FaultCase[] = []
  for (const fault of FAULTS) {
    progress(`starting and warming up: ${fault.name}`)
    cases.push(await startFaultCase(fault, { ...options, load, resources }))
  }
  const results: FaultResults[] = cases.map(({ name }) => ({ name, firstPart: [], plain: [], end: null }))
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, { name, firstPart, plain }] of cases.entries()) {
      const parts = await load.run(firstPart)
      const whole = await load.run(plain)
      results[index]?.firstPart.push(parts)
      results[index]?.plain.push(whole)
      progress(
        `round ${round}: ${name}: p99 of the first part ${parts.p99Ms.toFixed(1)} ms, of plain answers ${whole.p99Ms.toFixed(1)} ms`,
      )
    }
  }
  progress('reading one answer of each to its end')
  await Promise.all(
    cases.map(async (each, index) => {
      const result = results[index]
      if (result) result.end = await endOfStream(each)
    }),
  )
  write(
    `\nfirst part of a deferred answer, ${options.connections} connections, ${options.rounds} rounds of ${options.requests} requests`,
  )
  write(formatFirstParts(results))
  write('\nplain JSON')
  write(formatPlain(results))
  const problems = results.flatMap(problemsOf)
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('gateway-faults'), { options, results })}`)
  return problems.length === 0
}
