import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { median } from '../harness/statistics.ts'
import { BATCH } from './order.ts'
import { type Sender, startSender } from './sender.ts'
import { type Ingest, startOnMongo, startOnSqlite } from './service.ts'

export type IngestBenchOptions = {
  readonly rounds: number
  /** Events of each in a round. */
  readonly events: number
  /** Events at the end, through which memory must stay bounded; 0 for none. */
  readonly long: number
}

const SENDERS = [8, 32] as const
const POSITIONED_MS = 60_000

/** One turn: events a second, acknowledged durable and, of ours, positioned. */
type Turn = {
  readonly rate: number
  readonly acknowledged: number
  readonly refused: number
  /** CPU time of the service for each event, counting exposures included. */
  readonly cpuMicros: number
}
type Case = { readonly senders: number; readonly ours: Turn[]; readonly bulk: Turn[] }
type Result = {
  readonly name: string
  readonly cases: readonly Case[]
  readonly memory: readonly {
    readonly events: number
    readonly rssMiB: number
    readonly peakRssMiB: number
  }[]
  readonly longRate: number | null
}

/**
 * Events a second that ingest acknowledges as durable and positions, over HTTP, as a ratio to what the datastore's own bulk
 * insert does with the same documents in the same run. False where an event was not accepted.
 */
export async function runIngestBench(
  options: IngestBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const problems: string[] = []
  const results: Result[] = []
  for (const startOn of [startOnSqlite, startOnMongo]) {
    // One datastore after the other, so that they do not take each other's time.
    await using own = resources.use(new AsyncDisposableStack())
    const ingest = await startOn(own)
    if ('skipped' in ingest) {
      write(`\n${ingest.name.toUpperCase()} WAS NOT MEASURED: ${ingest.skipped}`)
      continue
    }
    const result = await measure(ingest, startSender(own), options, { progress, problems })
    results.push(result)
    write(`\n${result.name}, ${options.rounds} rounds of ${options.events} events in batches of ${BATCH}`)
    write(formatCases(result.cases))
    write(formatMemory(result))
  }
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('ingest'), { options, results, problems })}`)
  return problems.length === 0
}

async function measure(
  ingest: Ingest,
  sender: Sender,
  options: IngestBenchOptions,
  { progress, problems }: { readonly progress: (line: string) => void; readonly problems: string[] },
): Promise<Result> {
  let next = 0
  async function take(
    type: 'ours' | 'bulk',
    senders: number,
    events: number,
    prepared = true,
  ): Promise<Turn> {
    const batches = Math.ceil(events / BATCH)
    const before = await ingest.head()
    const { cpuMs } = ingest.usage()
    const from = next
    next += batches * BATCH
    const way = type === 'ours' ? ingest.ingest : ingest.bulk
    const { elapsedMs, startedAt, refused, failure } = await sender.run({
      way,
      from,
      batches,
      senders,
      prepared,
    })
    if (failure !== null) problems.push(`${ingest.name}: ${failure}`)
    const sent = batches * BATCH
    if (type === 'ours') {
      await waitUntil(
        'everything is positioned',
        async () => (await ingest.head()) >= before + sent,
        POSITIONED_MS,
      )
    }
    const acknowledged = (sent / elapsedMs) * 1_000
    return {
      rate: type === 'ours' ? (sent / (Date.now() - startedAt)) * 1_000 : acknowledged,
      acknowledged,
      refused,
      cpuMicros: ((ingest.usage().cpuMs - cpuMs) / sent) * 1_000,
    }
  }

  progress(`${ingest.name}: warming up`)
  await take('ours', SENDERS[0], options.events / 2)
  const cases: Case[] = SENDERS.map((senders) => ({ senders, ours: [], bulk: [] }))
  for (let round = 1; round <= options.rounds; round++) {
    for (const { senders, ours, bulk } of cases) {
      for (const [type, turns] of [['bulk', bulk] as const, ['ours', ours] as const]) {
        const turn = await take(type, senders, options.events)
        turns.push(turn)
        progress(`round ${round}: ${ingest.name}, ${type} at ${senders}: ${turn.rate.toFixed(0)} events/s`)
      }
    }
  }

  const memory = [{ events: next, ...ingest.usage() }]
  let longRate: number | null = null
  if (options.long > 0) {
    const started = performance.now()
    const PARTS = 5
    for (let part = 1; part <= PARTS; part++) {
      await take('ours', SENDERS[1], options.long / PARTS, false)
      memory.push({ events: next, ...ingest.usage() })
      progress(`${ingest.name}: ${next} events, ${memory.at(-1)?.rssMiB.toFixed(0)} MiB`)
    }
    longRate = (options.long / (performance.now() - started)) * 1_000
  }
  return { name: ingest.name, cases, memory, longRate }
}

function formatCases(cases: readonly Case[]): string {
  const rate = (turns: readonly Turn[], of: keyof Turn = 'rate') => median(turns.map((turn) => turn[of]))
  const [first] = cases
  return formatTable(
    [
      'senders',
      'events/s',
      'acknowledged/s',
      'bulk insert/s',
      'ratio',
      'ratios by round',
      'to 8 senders',
      'CPU µs/event',
      'refused',
    ],
    cases.map(({ senders, ours, bulk }) => {
      const ratios = ours.map((turn, round) => turn.rate / (bulk[round]?.rate ?? Number.NaN))
      return [
        String(senders),
        rate(ours).toFixed(0),
        rate(ours, 'acknowledged').toFixed(0),
        rate(bulk).toFixed(0),
        median(ratios).toFixed(2),
        ratios.map((ratio) => ratio.toFixed(2)).join(' '),
        (rate(ours) / rate(first?.ours ?? ours)).toFixed(2),
        rate(ours, 'cpuMicros').toFixed(1),
        String(ours.reduce((sum, turn) => sum + turn.refused, 0)),
      ]
    }),
  )
}

function formatMemory({ memory, longRate }: Result): string {
  const table = formatTable(
    ['events so far', 'resident MiB', 'peak MiB'],
    memory.map(({ events, rssMiB, peakRssMiB }) => [
      String(events),
      rssMiB.toFixed(0),
      peakRssMiB.toFixed(0),
    ]),
  )
  return longRate === null ? table : `${table}\nthe long run: ${longRate.toFixed(0)} events/s`
}
