import { unitOf } from '../harness/load.ts'
import type { PersonalizationServer } from './services.ts'
import { slateRequest } from './slate-request.ts'

export type Asker = {
  /** How long the answer took, milliseconds. */
  ask(): Promise<number>
  /** How many requests failed so far. */
  refused(): number
}

/** Asks a server for slates, each time for another user. */
export function createAsker({ url, headers }: PersonalizationServer): Asker {
  const body = slateRequest()
  let user = 0
  let refused = 0

  async function isAnswered(request: string): Promise<boolean> {
    try {
      const answer = await fetch(url, { method: 'POST', headers, body: request })
      return answer.ok && !(await answer.text()).includes('"errors"')
    } catch {
      return false
    }
  }

  return {
    refused: () => refused,
    async ask() {
      const begin = performance.now()
      if (!(await isAnswered(body.join(unitOf(user++))))) refused += 1
      return performance.now() - begin
    },
  }
}
