import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { installPackages } from '../harness/install.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { median } from '../harness/statistics.ts'
import { CONTESTANTS, type ContestantName } from './contestants.ts'
import type { Ready, Turn, TurnResult } from './measurement.ts'

export type EvaluatorOptions = {
  readonly rounds: number
  readonly turnMs: number
  readonly rules: number
  readonly users: number
}

type Contestant = {
  readonly name: ContestantName
  readonly child: ChildProcess
  readonly ready: Ready
  readonly turns: TurnResult[]
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const OURS: ContestantName = 'bulkhead'
/** GrowthBook's answers must be ours; Unleash hashes otherwise. */
const EQUAL: readonly ContestantName[] = ['growthbook', 'growthbook (features)']
const MIN_RATIO = 4
const UNLEASH = 'unleash-client@6.12.1'
const MS_PER_S = 1_000
const US_PER_MS = 1_000

/**
 * Compares our evaluator with the field's on the same rules and users, each in a process of its own, in turns. False where
 * GrowthBook answers otherwise than ours, or where ours is not four times as fast as the faster of its ways.
 */
export async function runEvaluatorBench(options: EvaluatorOptions, context: BenchContext): Promise<boolean> {
  const { config, write, progress } = context
  const folder = join(config.cacheFolder, UNLEASH)
  const missing = await installPackages(folder, [UNLEASH], config.npmEnvironment)
  const contestants: Contestant[] = []
  for (const name of CONTESTANTS) {
    if (name === 'unleash' && missing !== null) continue
    contestants.push(await startContestant(name, folder, options, context))
  }

  for (const { name, child } of contestants) {
    progress(`warming up ${name}`)
    await takeTurn(child, { ms: options.turnMs })
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { name, child, turns } of contestants) {
      const turn = await takeTurn(child, { ms: options.turnMs })
      turns.push(turn)
      progress(`round ${round}: ${name} ${perSecond(turn).toFixed(0)} evaluations/s`)
    }
  }

  const figures = contestants.map(({ name, ready, turns }) => ({
    name,
    evaluationsPerSecond: median(turns.map(perSecond)),
    cpuUsPerEvaluation: median(turns.map(({ cpuMs, evaluations }) => (cpuMs * US_PER_MS) / evaluations)),
    included: ready.included,
    turns,
  }))
  const ours = figures.find(({ name }) => name === OURS)
  if (ours === undefined) throw new Error('our evaluator was not measured')
  write(
    formatTable(
      ['evaluator', 'evaluations/s', 'CPU µs/evaluation', 'ours is faster by', 'ours in CPU by', 'included'],
      figures.map((one) => [
        one.name,
        one.evaluationsPerSecond.toFixed(0),
        one.cpuUsPerEvaluation.toFixed(3),
        `${(ours.evaluationsPerSecond / one.evaluationsPerSecond).toFixed(1)}x`,
        `${(one.cpuUsPerEvaluation / ours.cpuUsPerEvaluation).toFixed(1)}x`,
        `${(one.included * 100).toFixed(1)}%`,
      ]),
    ),
  )
  if (missing !== null) write(`\nunleash is left out: ${missing}`)

  const digest = contestants.find(({ name }) => name === OURS)?.ready.digest
  const problems = contestants
    .filter(({ name, ready }) => EQUAL.includes(name) && ready.digest !== digest)
    .map(({ name }) => `${name} answers otherwise than ours`)
  const peers = figures.filter(({ name }) => EQUAL.includes(name))
  const ratio = ours.evaluationsPerSecond / Math.max(...peers.map((one) => one.evaluationsPerSecond))
  if (ratio < MIN_RATIO) problems.push(`ours is ${ratio.toFixed(1)}x GrowthBook's, less than ${MIN_RATIO}x`)
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('evaluator'), { options, leftOut: missing, ratio, figures })}`)
  return problems.length === 0
}

async function startContestant(
  name: ContestantName,
  folder: string,
  { rules, users }: EvaluatorOptions,
  { resources }: BenchContext,
): Promise<Contestant> {
  const child = fork(MAIN, [name, String(rules), String(users), folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // GrowthBook's SDK writes messages where it is not told so.
    env: { NODE_ENV: 'production' },
  })
  resources.defer(() => void child.kill())
  return { name, child, ready: await answerOf<Ready>(child), turns: [] }
}

async function takeTurn(child: ChildProcess, turn: Turn): Promise<TurnResult> {
  const answer = answerOf<TurnResult>(child)
  child.send(turn)
  return await answer
}

/** The next message of the child. The type is what our own `main.ts` sends. */
async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('a process that is measured has ended before its results')
  })
  try {
    const [message] = (await Promise.race([once(child, 'message'), exit])) as [T]
    return message
  } finally {
    exit.catch(() => {})
    ended.abort()
  }
}

function perSecond({ evaluations, elapsedMs }: TurnResult): number {
  return (evaluations / elapsedMs) * MS_PER_S
}
