import type { Contestant } from '../harness/rounds.ts'
import type { SlateServer } from './services.ts'
import { slateRequest } from './slate-request.ts'

/** A server that is asked for slates of a model, each for another user. */
export function contestantOf(name: string, server: SlateServer, connections: number): Contestant {
  return {
    name,
    process: server.process,
    order: {
      url: server.url,
      headers: server.headers,
      body: slateRequest(),
      reading: 'whole',
      expected: { type: 'like', minLength: 3_000, includes: ['"rung":"MODEL"'], excludes: ['errors'] },
      connections,
    },
  }
}
