import { isRecord, parseJson } from '@bulkhead/service/json'
import type { ClientError } from '../client-errors.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import { objectsAt } from '../response/response-path.ts'
import { type Addressees, addAnswer, entitiesOf, type FetchScope, post } from '../send-fetch.ts'
import type { Sent, VerbatimAnswer } from './verbatim-answer.ts'

type Options = {
  readonly plan: CompiledPlan
  readonly verbatim: VerbatimAnswer
  readonly scope: FetchScope
  readonly deadlineMs: number
}

/**
 * Sends a fetch and takes its answer as it comes. Where that cannot be, its values are merged into the response, and before
 * them those of all that were taken so.
 * @returns the errors of its fields, with their paths in the client's answer
 */
export async function sendVerbatim(index: number, options: Options): Promise<readonly ClientError[]> {
  const { plan, verbatim, scope, deadlineMs } = options
  const fetch = plan.fetches[index] as CompiledFetch
  const sent = verbatim.begin(index)
  const { representations } = sent
  if (representations?.length === 0) return []
  const { variables } = scope
  const { variableNames } = fetch
  const take = (bytes: Buffer) => verbatim.take(sent, bytes)
  const answer = await post(fetch, { variables, variableNames, representations, deadlineMs, take }, scope)
  if (sent.taken !== null) return []
  if (!verbatim.isGivenUp) giveUp(options)
  if (sent.defect !== null) throw sent.defect
  return addAnswer(fetch, answer, sent.addressees as Addressees, scope)
}

/** Makes the response what it would be had all been parsed, before anything else is merged into it. */
function giveUp({ plan, verbatim, scope }: Options): void {
  const { taken, underWay } = verbatim.giveUp()
  const addresseesOf = ({ fetch, representations }: Sent) =>
    findAddressees(plan.fetches[fetch] as CompiledFetch, representations, scope)
  for (const each of taken) {
    const answer = parseJson(Buffer.from(each.taken ?? '', 'latin1').toString('utf8'))
    if (!isRecord(answer) || !isRecord(answer.data)) throw new Error('an answer that was taken is not one')
    const read = { data: answer.data, errors: [], failure: null }
    addAnswer(plan.fetches[each.fetch] as CompiledFetch, read, addresseesOf(each), scope)
  }
  // Now, because what is merged next may be wrong, and change what their objects are known by.
  for (const each of underWay) each.addressees = addresseesOf(each)
}

/** The objects that were asked for, in that order, which is the one in which they became known. */
function findAddressees(
  fetch: CompiledFetch,
  representations: readonly string[] | null,
  { data }: FetchScope,
): Addressees {
  const objects = objectsAt(data, fetch.path)
  const known = new Map(entitiesOf(fetch, objects)?.map((entity) => [entity.text, entity]))
  const nobody = { value: {}, objects: [] }
  const entities = representations?.map((text) => known.get(text) ?? { text, ...nobody }) ?? null
  return { objects, entities }
}
