import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import { eventIdsOf } from '../testing/store-contents.ts'

describeOnMongo('an outage under the personalization store', (mongo) => {
  test('every call says so within its deadlines, and all works again when it is over', async () => {
    const url = new URL(mongo().url('outage'))
    const wire = await openWire({ host: url.hostname, port: Number(url.port) })
    url.host = `127.0.0.1:${wire.port}`
    url.searchParams.delete('replicaSet')
    url.searchParams.set('directConnection', 'true')
    const store = await openPersonalizationStore(url.href)
    await store.recordInteractions([sampleRecord('before')])

    await wire.cut()
    const calls = [
      store.ping(),
      store.itemsByIds(['i1']),
      store.upsertItems([sampleItem('i1')]),
      store.recordInteractions([sampleRecord('during')]),
      store.saveSlate(sampleSlate('s1'), []),
      store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 10 }),
      store.outboxState(),
      store.keepSnapshot({ version: 1 }),
    ]
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'DatastoreUnavailableError' } })
    }

    await wire.mend()
    await expect.poll(() => store.ping().then(() => 'up', String), { timeout: 15_000 }).toBe('up')
    await store.recordInteractions([sampleRecord('during'), sampleRecord('after')])
    const { entries } = await store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 10 })
    expect(eventIdsOf(entries).toSorted()).toEqual(['after', 'before', 'during'])
    await store.close()
    await wire.cut()
  })
})

/** A TCP relay to MongoDB that a test can cut: connections break, new ones are refused. */
async function openWire(target: { host: string; port: number }): Promise<{
  readonly port: number
  cut(): Promise<void>
  mend(): Promise<void>
}> {
  const sockets = new Set<Socket>()
  function hold(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  async function listen(port: number): Promise<Server> {
    const server = createServer((near) => {
      const far = connect(target)
      hold(near)
      hold(far)
      near.pipe(far).pipe(near)
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    async cut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async mend() {
      server = await listen(port)
    },
  }
}
