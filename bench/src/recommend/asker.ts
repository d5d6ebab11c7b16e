import { unitOf } from '../harness/load.ts'
import type { PersonalizationServer } from './services.ts'
import { slateRequest } from './slate-request.ts'

/** Asks one server for slates, and counts what was not answered. */
export type Asker = { ask(): Promise<number>; refused(): number }

/** Asks for the slate of another user each time. */
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
