import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventBatchSchema, type IngestEvent, ingestEventSchema } from '@bulkhead/contracts'

export const EVENTS_TOKEN = 'events-write-token-of-tests'
export const SNAPSHOT_TOKEN = 'snapshot-read-token-of-tests'

/** How ingest answers one batch; `accept` stores it and answers as the contract says. */
export type IngestBehaviour = (
  batch: readonly IngestEvent[],
  accept: (rejects?: (event: IngestEvent) => boolean) => object,
) => { status: number; body: object | string; headers?: Record<string, string> } | 'freeze' | 'cut'

/** Experimentation as the workers see it: real HTTP on loopback, and a memory of what it was sent. */
export type FakeExperimentation = {
  readonly url: string
  /** By event id: what was acknowledged. */
  readonly stored: Map<string, IngestEvent>
  /** Event ids of every batch, in order of arrival. */
  readonly batches: string[][]
  behave(behaviour: IngestBehaviour): void
  /** Answers `GET /v1/snapshot`. */
  publish(answer: { body: string; etag?: string; status?: number }): void
  /** Statuses that were answered to `GET /v1/snapshot`. */
  readonly snapshotAnswers: number[]
  close(): Promise<void>
}

const ACCEPT_ALL: IngestBehaviour = (_, accept) => ({ status: 200, body: accept() })

export async function startFakeExperimentation(): Promise<FakeExperimentation> {
  const stored = new Map<string, IngestEvent>()
  const batches: string[][] = []
  const snapshotAnswers: number[] = []
  let behaviour = ACCEPT_ALL
  let snapshot: { body: string; etag?: string; status?: number } = { body: '{}', status: 404 }

  function accept(events: readonly IngestEvent[], rejects: (event: IngestEvent) => boolean): object {
    const rejected = events.flatMap((event, index) =>
      rejects(event)
        ? [{ index, eventId: event.eventId, code: 'UNKNOWN_EXPERIMENT', message: 'no such' }]
        : [],
    )
    for (const event of events) if (!rejects(event)) stored.set(event.eventId, event)
    return { accepted: events.length - rejected.length, rejected }
  }

  async function ingest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { events } = eventBatchSchema.parse(JSON.parse(await readAll(request)))
    const batch = events.map((event) => ingestEventSchema.parse(event))
    batches.push(batch.map((event) => event.eventId))
    const answer = behaviour(batch, (rejects = () => false) => accept(batch, rejects))
    if (answer === 'freeze') return
    if (answer === 'cut') {
      response.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  }

  function sendSnapshot(request: IncomingMessage, response: ServerResponse): void {
    const { body, etag, status = 200 } = snapshot
    const unchanged = etag !== undefined && request.headers['if-none-match'] === etag
    snapshotAnswers.push(unchanged ? 304 : status)
    response.writeHead(unchanged ? 304 : status, etag === undefined ? {} : { etag })
    response.end(unchanged ? undefined : body)
  }

  const server = createServer((request, response) => {
    const events = request.method === 'POST' && request.url === '/v1/events'
    const token = events ? EVENTS_TOKEN : SNAPSHOT_TOKEN
    if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end()
    else if (events) void ingest(request, response)
    else if (request.url === '/v1/snapshot') sendSnapshot(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    stored,
    batches,
    snapshotAnswers,
    behave(next) {
      behaviour = next
    },
    publish(answer) {
      snapshot = answer
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
