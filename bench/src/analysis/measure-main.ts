import { statSync } from 'node:fs'
import { openReadModel } from '@bulkhead/experimentation/read-model/duckdb-read-model'
import type { EngineFigures } from './engine.ts'
import { eventsFrom, lookAt } from './workload.ts'

/** Fills a read model and takes one look, in a process of its own so that its peak memory is that of this size alone. */
const EVENTS_PER_PAGE = 5_000
const BYTES_PER_MIB = 1024 * 1024
const KIB_PER_MIB = 1024

const [path = '', units = '', interactions = ''] = process.argv.slice(2)
const size = { units: Number(units), interactionsPerUnit: Number(interactions) }
const last = size.units * (size.interactionsPerUnit + 1)

const model = await openReadModel(path)
let feedMs = 0
for (let after = 0; after < last; after += EVENTS_PER_PAGE) {
  const through = Math.min(after + EVENTS_PER_PAGE, last)
  const events = eventsFrom(after + 1, through - after, size)
  const from = performance.now()
  await model.feed({ after, through, events })
  feedMs += performance.now() - from
}
const fedPeakMiB = process.resourceUsage().maxRSS / KIB_PER_MIB
const from = performance.now()
const sums = await model.sums(lookAt(last))
const sumsMs = performance.now() - from
await model.close()
const counted = sums.units.reduce((total, group) => total + Number(group.units), 0)
const figures: EngineFigures = {
  ...size,
  ...{ feedMs, sumsMs, fedPeakMiB, counted },
  peakMiB: process.resourceUsage().maxRSS / KIB_PER_MIB,
  fileMiB: statSync(path).size / BYTES_PER_MIB,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
