import { findTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { openExperimentationStore } from '@bulkhead/experimentation/datastore/open'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { follow, readNew, type Seen } from './reader.ts'
import { type Fault, type ReplicaSet, startReplicaSet } from './replica-set.ts'
import { startReplicas } from './replicas.ts'
import { type Acknowledged, write } from './writers.ts'

export type IngestFaultsOptions = { readonly faults: number }

const FAULTS: readonly Fault[] = ['freeze', 'kill', 'step down']
const WRITERS = 3
const READERS = 2
/** How many events are acknowledged between two faults. */
const EVENTS_BETWEEN_FAULTS = 500
const SETTLED_MS = 120_000

/**
 * Three replicas of experimentation ingest while the primary of their MongoDB replica set is frozen, killed or made to
 * step down. False where a reading below a head changed, a position is missing, an acknowledged event is lost, or a
 * heartbeat came before what it vouches for.
 */
export async function runIngestFaultsBench(
  options: IngestFaultsOptions,
  { resources, write: writeLine, progress }: BenchContext,
): Promise<boolean> {
  const source = findTestMongo()
  if (source.kind !== 'binary') {
    writeLine('NOT RUN: this bench starts mongod itself; name one with MONGOMS_SYSTEM_BINARY')
    return false
  }
  const replicaSet = await startReplicaSet(source.path, resources)
  const database = replicaSet.url('experimentation')
  const replicas = await startReplicas(database, WRITERS, resources)
  const acknowledged: Acknowledged = { ids: [], vouchedFor: new Map(), problems: [], retries: 0 }
  const log = await openExperimentationStore(database)
  resources.defer(() => log.close())
  const readers: readonly Seen[] = Array.from({ length: READERS }, newSeen)

  const over = new AbortController()
  const { signal } = over
  const writing = replicas.map(({ url, token }, index) =>
    write({ name: `writer-${index}`, url, token, acknowledged, signal }),
  )
  const reading = readers.map((seen) => follow(log, seen, signal))
  const withoutPrimary = await disturbAll(replicaSet, options.faults, acknowledged, progress)
  over.abort()
  await Promise.all([...writing, ...reading])

  const expected = acknowledged.ids.length + acknowledged.vouchedFor.size
  const final = newSeen()
  await waitUntil(
    'every acknowledged event has a position',
    async () => (await log.head()) >= expected,
    SETTLED_MS,
  )
  await readNew(log, final)

  const problems = [
    ...acknowledged.problems,
    ...readers.flatMap((seen) => [...seen.problems, ...changed(seen, final)]),
    ...final.problems,
    ...lost(acknowledged, final),
    ...earlyHeartbeats(acknowledged, final),
    ...replicas.flatMap(({ name, process }) =>
      process.exited() ? [`${name} has ended: ${process.output()}`] : [],
    ),
  ]
  const rereads = readers.reduce((sum, seen) => sum + seen.rereads, 0)
  writeLine(
    formatTable(
      ['faults', 'acknowledged', 'heartbeats', 'sent again', 'read again', 'longest without primary, ms'],
      [
        [
          String(options.faults),
          String(acknowledged.ids.length),
          String(acknowledged.vouchedFor.size),
          String(acknowledged.retries),
          String(rereads),
          Math.max(...withoutPrimary).toFixed(0),
        ],
      ],
    ),
  )
  for (const problem of problems.slice(0, 50)) writeLine(`FAILED: ${problem}`)
  const figures = {
    acknowledged: acknowledged.ids.length,
    retries: acknowledged.retries,
    rereads,
    withoutPrimary,
  }
  writeLine(`\n${writeResults(createResultsFolder('ingest-faults'), { options, ...figures, problems })}`)
  return problems.length === 0
}

function newSeen(): Seen {
  return { ids: [], problems: [], rereads: 0, outages: 0 }
}

/** Returns how long each fault left the replica set without a primary, milliseconds. */
async function disturbAll(
  replicaSet: ReplicaSet,
  faults: number,
  { ids }: Acknowledged,
  progress: (line: string) => void,
): Promise<number[]> {
  const durations: number[] = []
  for (let number = 0; number < faults; number++) {
    const enough = ids.length + EVENTS_BETWEEN_FAULTS
    await waitUntil('ingest goes on', () => ids.length >= enough, SETTLED_MS)
    const fault = FAULTS[number % FAULTS.length] ?? 'kill'
    const duration = await replicaSet.disturb(fault)
    durations.push(duration)
    progress(
      `fault ${number + 1}, ${fault}: ${duration.toFixed(0)} ms without a primary, ${ids.length} acknowledged`,
    )
  }
  return durations
}

/** Whether a reader saw another history than the one that is there in the end. */
function changed(seen: Seen, final: Seen): string[] {
  const at = seen.ids.findIndex((id, index) => final.ids[index] !== id)
  return at === -1 ? [] : [`position ${at + 1} was ${seen.ids[at]} and is ${final.ids[at]}`]
}

function lost({ ids, vouchedFor }: Acknowledged, final: Seen): string[] {
  const stored = new Set(final.ids)
  const problems = stored.size === final.ids.length ? [] : ['an event has two positions']
  const missing = [...ids, ...vouchedFor.keys()].filter((id) => !stored.has(id))
  return missing.length === 0 ? problems : [...problems, `${missing.length} acknowledged events are lost`]
}

function earlyHeartbeats({ ids, vouchedFor }: Acknowledged, final: Seen): string[] {
  const positions = new Map(final.ids.map((id, index) => [id, index]))
  /** By count: the highest position among the first so many acknowledged events. */
  const highest = [-1]
  for (const id of ids) highest.push(Math.max(highest.at(-1) ?? -1, positions.get(id) ?? -1))
  return [...vouchedFor].flatMap(([heartbeat, count]) =>
    (positions.get(heartbeat) ?? -1) > (highest[count] ?? -1)
      ? []
      : [`${heartbeat} is before what it vouches for`],
  )
}
