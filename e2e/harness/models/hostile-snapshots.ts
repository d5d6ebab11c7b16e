import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AssignmentSnapshot, type JsonObject, parsePrivateKey, signSnapshot } from '@bulkhead/contracts'
import type { DevelopmentSecrets } from '@bulkhead/dev/secrets'

/** Stands between personalization and experimentation, on this machine only. */
export type HostileSnapshots = {
  readonly url: string
  /** Where experimentation really is. */
  forwardTo(url: string): void
  /**
   * From now on, snapshots list what this makes of their decisions, in a snapshot that the deployment's own key has signed:
   * as if whoever has that key, or keeps the snapshots, were hostile.
   * @returns the version that those who take it have at least
   */
  relist(decisions: (published: readonly JsonObject[]) => readonly JsonObject[]): Promise<number>
  /** From now on, snapshots are changed after they were signed. */
  tamper(change: (snapshot: JsonObject) => JsonObject): void
  /** As experimentation publishes them. */
  behave(): void
  /** While true, events are not let through, as while experimentation is overloaded. */
  holdEvents(held: boolean): void
  stop(): Promise<void>
}

export async function startHostileSnapshots(
  secrets: () => Pick<DevelopmentSecrets, 'signingKey' | 'signingKeyId' | 'snapshotReadToken'>,
): Promise<HostileSnapshots> {
  let target = ''
  let isHeld = false
  /** Only higher versions are taken, so each change of mind makes them higher. */
  let offset = 0
  let relisted: (published: readonly JsonObject[]) => readonly JsonObject[] = (published) => published
  let tampered: (snapshot: JsonObject) => JsonObject = (snapshot) => snapshot

  async function published(): Promise<AssignmentSnapshot> {
    const authorization = `Bearer ${secrets().snapshotReadToken}`
    const response = await fetch(`${target}/v1/snapshot`, { headers: { authorization } })
    if (!response.ok) throw new Error(`experimentation answers ${response.status}`)
    return response.json() as Promise<AssignmentSnapshot>
  }

  async function snapshot(): Promise<JsonObject> {
    const { signature: _, keyId: __, ...content } = await published()
    const { signingKey, signingKeyId: keyId } = secrets()
    const decisions = [...relisted(content.decisions)]
    const changed = { ...content, version: content.version + offset, decisions }
    return tampered({
      ...signSnapshot(changed, { keyId, privateKey: parsePrivateKey(signingKey) }),
    } as JsonObject)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v1/snapshot') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(await snapshot()))
      return
    }
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk as Buffer)
    if (isHeld) {
      response.writeHead(503).end()
      return
    }
    const { authorization = '' } = request.headers
    const forwarded = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.concat(body),
    })
    response.writeHead(forwarded.status, { 'content-type': 'application/json' })
    response.end(Buffer.from(await forwarded.arrayBuffer()))
  }

  const server = createServer((request, response) => {
    // Experimentation may be down, which personalization has to live with.
    answer(request, response).catch(() => response.writeHead(502).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    forwardTo(url) {
      target = url
    },
    async relist(decisions) {
      relisted = decisions
      offset += 1
      return (await published()).version + offset
    },
    tamper(change) {
      tampered = change
    },
    behave() {
      relisted = (decisions) => decisions
      tampered = (unchanged) => unchanged
      offset += 1
    },
    holdEvents(held) {
      isHeld = held
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
