import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@bulkhead/e2e/harness/ports'
import { startProgram, type TestProcess } from '@bulkhead/e2e/harness/processes'
import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { MongoClient } from 'mongodb'

const NODES = 3
/** Shorter than the default of 10 s, so that many elections fit into some minutes. */
const ELECTION_TIMEOUT_MS = 2_000
const HEALTHY_TIMEOUT_MS = 60_000
const COMMAND_TIMEOUT_MS = 2_000

export type Fault = 'freeze' | 'kill' | 'step down'

export type ReplicaSet = {
  url(database: string): string
  /**
   * Does this to the primary, waits until another node has taken over, undoes it, and waits until all nodes are healthy.
   * @returns how long there was no primary that answers, milliseconds
   */
  disturb(fault: Fault): Promise<number>
}

/** A replica set of three processes of this mongod, on loopback. They end with `resources`. */
export async function startReplicaSet(mongod: string, resources: AsyncDisposableStack): Promise<ReplicaSet> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-replica-set-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const ports = await freePorts(NODES)
  const processes = new Map<number, TestProcess>()

  function startNode(port: number): void {
    const dbpath = join(folder, String(port))
    mkdirSync(dbpath, { recursive: true })
    const started = startProgram(
      [
        ...['--dbpath', dbpath, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
        ...['--replSet', 'rs0', '--wiredTigerCacheSizeGB', '0.25'],
      ],
      { command: mongod },
    )
    processes.set(port, started)
  }

  async function onNode<T>(port: number, run: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
      serverSelectionTimeoutMS: COMMAND_TIMEOUT_MS,
      socketTimeoutMS: COMMAND_TIMEOUT_MS,
    })
    try {
      return await run(client)
    } finally {
      await client.close()
    }
  }

  /** The port of the node that answers as primary; null where none does. */
  async function primary(): Promise<number | null> {
    const found = await Promise.all(
      ports.map((port) =>
        onNode(port, (client) => client.db('admin').command({ hello: 1 })).then(
          ({ isWritablePrimary }) => (isWritablePrimary === true ? port : null),
          () => null,
        ),
      ),
    )
    return found.find((port) => port !== null) ?? null
  }

  async function healthy(): Promise<boolean> {
    const port = await primary()
    if (port === null) return false
    const { members } = await onNode(port, (client) => client.db('admin').command({ replSetGetStatus: 1 }))
    const states: string[] = members.map(({ stateStr }: { stateStr: string }) => stateStr)
    return states.every((state) => state === 'PRIMARY' || state === 'SECONDARY')
  }

  function nodeAt(port: number): TestProcess {
    const node = processes.get(port)
    if (node === undefined) throw new Error(`there is no node on ${port}`)
    return node
  }

  /** Returns what undoes it. */
  async function apply(fault: Fault, port: number): Promise<() => void> {
    switch (fault) {
      case 'freeze':
        nodeAt(port).freeze()
        return () => nodeAt(port).thaw()
      case 'kill':
        await nodeAt(port).kill()
        return () => startNode(port)
      case 'step down': {
        const command = { replSetStepDown: 20, secondaryCatchUpPeriodSecs: 1, force: true }
        // The node closes the connection on which it was asked.
        await onNode(port, (client) => client.db('admin').command(command)).catch(() => undefined)
        return () => undefined
      }
    }
  }

  for (const port of ports) startNode(port)
  resources.defer(async () => {
    await Promise.all([...processes.values()].map((node) => node.kill()))
  })
  const [first = 0] = ports
  await waitUntil('a mongod answers', async () => {
    await onNode(first, (client) => client.db('admin').command({ ping: 1 }))
    return true
  })
  const members = ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` }))
  const settings = { electionTimeoutMillis: ELECTION_TIMEOUT_MS }
  await onNode(first, (client) =>
    client.db('admin').command({ replSetInitiate: { _id: 'rs0', members, settings } }),
  )
  await waitUntil('the replica set is healthy', healthy, HEALTHY_TIMEOUT_MS)

  const hosts = members.map(({ host }) => host).join(',')
  return {
    url: (database) => `mongodb://${hosts}/${database}?replicaSet=rs0`,
    async disturb(fault) {
      const port = await primary()
      if (port === null) throw new Error('there is no primary to disturb')
      const since = performance.now()
      const undo = await apply(fault, port)
      await waitUntil('another node is primary', async () => ![null, port].includes(await primary()))
      const without = performance.now() - since
      undo()
      await waitUntil('the replica set is healthy again', healthy, HEALTHY_TIMEOUT_MS)
      return without
    },
  }
}
