/** A process that evaluates: `node main.ts CONTESTANT RULES USERS FOLDER`, started by the bench with an IPC channel. */

import { createHash } from 'node:crypto'
import { type ContestantName, createEvaluator } from './contestants.ts'
import type { Ready, Turn, TurnResult } from './measurement.ts'
import { makeWorkload } from './workload.ts'

const MICROSECONDS_PER_MS = 1_000

const [name = '', rules = '', users = '', folder = ''] = process.argv.slice(2)
const workload = makeWorkload(Number(rules), Number(users))
const { evaluate, variantIndex } = createEvaluator(name as ContestantName, workload, folder)

const digest = createHash('sha256')
let included = 0
for (const user of workload.users) {
  const answers = evaluate(user).map(variantIndex)
  digest.update(answers.join())
  included += answers.filter((answer) => answer >= 0).length
}
const ready: Ready = {
  digest: digest.digest('hex'),
  included: included / (workload.users.length * workload.snapshot.experiments.length),
}
process.send?.(ready)

let next = 0
process.on('message', ({ ms }: Turn) => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  let evaluations = 0
  let elapsedMs = 0
  // The clock is read once for many users, so that reading it costs nothing.
  while (elapsedMs < ms) {
    for (let count = 0; count < 100; count++) {
      const user = workload.users[next++ % workload.users.length]
      if (user !== undefined) evaluations += evaluate(user).length
    }
    elapsedMs = performance.now() - start
  }
  const { user, system } = process.cpuUsage(cpu)
  const result: TurnResult = { evaluations, elapsedMs, cpuMs: (user + system) / MICROSECONDS_PER_MS }
  process.send?.(result)
})
process.on('disconnect', () => process.exit(0))
