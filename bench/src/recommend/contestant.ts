import type { BenchContext } from '../context.ts'
import { startLoad } from '../harness/load-client.ts'
import { type Contestant, type Measured, measureInTurns, type RoundsOptions } from '../harness/rounds.ts'
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

const MAX_ROUND_MS = 300_000

/** Asks all contestants for slates, in turns. */
export function measureSlates(
  contestants: readonly Contestant[],
  { rounds, requests, warmUpRequests }: Pick<RoundsOptions, 'rounds' | 'requests' | 'warmUpRequests'>,
  { resources, progress }: Pick<BenchContext, 'resources' | 'progress'>,
): Promise<readonly Measured[]> {
  return measureInTurns(contestants, {
    load: startLoad(resources),
    ...{ rounds, requests, warmUpRequests, maxMs: MAX_ROUND_MS },
    counters: async () => ({}),
    progress,
  })
}
