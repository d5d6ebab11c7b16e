import { isRecord, parseJson } from '@bulkhead/service/json'
import type { ClientError } from '../client-errors.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import type { JsonObject } from '../response/own.ts'
import { objectsAt } from '../response/response-path.ts'
import { addAnswer, entitiesOf, type FetchScope, post } from '../send-fetch.ts'
import type { VerbatimAnswer } from './verbatim-answer.ts'

/**
 * Sends a fetch and takes its answer as it comes. Where that cannot be, its values are merged into the response, and before
 * them those of all that were taken so.
 * @returns the errors of its fields, with their paths in the client's answer
 */
export async function sendVerbatim(
  index: number,
  options: {
    readonly plan: CompiledPlan
    readonly verbatim: VerbatimAnswer
    readonly scope: FetchScope
    readonly deadlineMs: number
  },
): Promise<readonly ClientError[]> {
  const { plan, verbatim, scope, deadlineMs } = options
  const fetch = plan.fetches[index] as CompiledFetch
  const representations = fetch.represent && verbatim.representationsFor(index)
  if (representations?.length === 0) return []
  const { variables } = scope
  const answer = await post(
    fetch,
    {
      ...{ variables, variableNames: fetch.variableNames, representations, deadlineMs },
      take: (bytes) => verbatim.take(index, bytes),
    },
    scope,
  )
  if (verbatim.hasTaken(index)) return []
  if (!verbatim.isGivenUp) {
    for (const taken of verbatim.giveUp())
      mergeTaken(plan.fetches[taken.fetch] as CompiledFetch, taken.text, scope)
  }
  return addAnswer(fetch, answer, addressees(fetch, scope), scope)
}

function mergeTaken(fetch: CompiledFetch, text: string, scope: FetchScope): void {
  const answer = parseJson(Buffer.from(text, 'latin1').toString('utf8'))
  if (!isRecord(answer) || !isRecord(answer.data)) throw new Error('an answer that was taken is not one')
  addAnswer(fetch, { data: answer.data, errors: [], failure: null }, addressees(fetch, scope), scope)
}

/** They are those that were asked for: no other fetch changes what they are. */
function addressees(fetch: CompiledFetch, { data }: FetchScope) {
  const objects: readonly JsonObject[] = objectsAt(data, fetch.path)
  return { objects, entities: entitiesOf(fetch, objects) }
}
