import { GATEWAY_ERRORS } from '../errors.ts'
import type { Caller } from '../identity/caller.ts'
import type { Cancellation } from '../subgraphs/cancellation.ts'
import { type FetchFailure, failedFetch, type ResponseError } from '../subgraphs/failed-fetch.ts'
import type { FetchAnswer, SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import type { TakeAnswer } from '../subgraphs/subgraph-request.ts'
import { type ClientError, clientError } from './client-errors.ts'
import type { CompiledFetch } from './plan/compiled-fetch.ts'
import { readContext } from './plan/context-arguments.ts'
import { copyJson, mergeInto } from './response/merge.ts'
import { isJsonObject, type JsonObject } from './response/own.ts'
import { objectsAt, type Path, placesAt } from './response/response-path.ts'

/** What one fetch needs of the request that it is for. */
export type FetchScope = {
  /** The response so far; the fetch adds to it. */
  readonly data: JsonObject
  readonly variables: Readonly<Record<string, unknown>>
  readonly fetch: SubgraphFetch
  readonly requestId: string
  readonly caller: Caller | null
  readonly cancellation: Cancellation | null
}

/** Who gets what a fetch brings. */
export type Addressees = {
  readonly objects: readonly JsonObject[]
  /** Null where it brings root fields. */
  readonly entities: readonly Entity[] | null
}

/** The objects that one representation stands for. */
type Entity = { readonly text: string; readonly value: JsonObject; readonly objects: JsonObject[] }

const ENTITIES = '_entities'

/**
 * Sends a fetch and merges its answer into the response.
 * @returns the errors of its fields, with their paths in the client's answer
 */
export async function sendFetch(
  fetch: CompiledFetch,
  scope: FetchScope,
  deadlineMs: number,
): Promise<readonly ClientError[]> {
  if (fetch.contextArguments.length > 0) return sendForEachContext(fetch, scope, deadlineMs)
  const objects = objectsAt(scope.data, fetch.path)
  if (objects.length === 0) return []
  return send(fetch, objects, scope.variables, fetch.variableNames, scope, deadlineMs)
}

/** One fetch for each distinct set of context arguments, since a fetch has one value for each variable. */
async function sendForEachContext(
  fetch: CompiledFetch,
  scope: FetchScope,
  deadlineMs: number,
): Promise<readonly ClientError[]> {
  const groups = new Map<string, { objects: JsonObject[]; context: JsonObject }>()
  for (const place of placesAt(scope.data, fetch.path)) {
    const context = readContext(fetch.contextArguments, place)
    const key = JSON.stringify(context)
    const group = groups.get(key)
    if (group) group.objects.push(place.object)
    else groups.set(key, { objects: [place.object], context })
  }
  const names = [...fetch.variableNames, ...fetch.contextArguments.map(({ variable }) => variable)]
  const errors = await Promise.all(
    [...groups.values()].map(({ objects, context }) =>
      send(fetch, objects, { ...scope.variables, ...context }, names, scope, deadlineMs),
    ),
  )
  return errors.flat()
}

async function send(
  fetch: CompiledFetch,
  objects: readonly JsonObject[],
  variables: Readonly<Record<string, unknown>>,
  variableNames: readonly string[],
  scope: FetchScope,
  deadlineMs: number,
): Promise<readonly ClientError[]> {
  const entities = entitiesOf(fetch, objects)
  if (entities?.length === 0) return []
  const representations = entities?.map(({ text }) => text) ?? null
  const answer = await post(fetch, { variables, variableNames, representations, deadlineMs }, scope)
  return addAnswer(fetch, answer, { objects, entities }, scope)
}

/** Sends a fetch to its subgraph. */
export function post(
  fetch: CompiledFetch,
  request: {
    readonly variables: Readonly<Record<string, unknown>>
    readonly variableNames: readonly string[]
    /** As JSON; null for root fields. */
    readonly representations: readonly string[] | null
    readonly deadlineMs: number
    readonly take?: TakeAnswer
  },
  scope: FetchScope,
): Promise<FetchAnswer> {
  const { variables, variableNames, representations, deadlineMs, take = null } = request
  return scope.fetch({
    subgraph: fetch.subgraph,
    ofEntities: representations !== null,
    body: `${fetch.bodyStart}${variablesText(variableNames, variables, representations)}}`,
    effectFree: fetch.effectFree,
    deadlineMs,
    requestId: scope.requestId,
    caller: scope.caller,
    cancellation: scope.cancellation,
    take,
  })
}

/** The entities that a fetch asks for; null where it asks for root fields. */
export function entitiesOf(fetch: CompiledFetch, objects: readonly JsonObject[]): readonly Entity[] | null {
  return fetch.represent ? representAll(fetch, objects) : null
}

/**
 * Merges an answer into the response.
 * @returns the errors of its fields, with their paths in the client's answer
 */
export function addAnswer(
  fetch: CompiledFetch,
  answer: FetchAnswer,
  { objects, entities }: Addressees,
  scope: FetchScope,
): readonly ClientError[] {
  const failure = answer.failure ?? (answersAll(answer.data, entities) ? null : wrongCount(fetch.subgraph))
  const errors = failure
    ? failedFetch(
        {
          document: fetch.document,
          // Their own types: a representation may name an interface instead.
          typenames: entities?.map(({ objects: [object] }) => String(object?.__typename)),
          meetsCondition: fetch.meetsCondition,
          errors: answer.errors,
        },
        failure,
      ).errors
    : answer.errors
  // Before the merge, which may put null where an object was.
  const clientErrors = errors.length === 0 ? [] : locate(errors, fetch, entities, scope)
  if (answer.data && !failure) merge(fetch, answer.data, objects, entities)
  return clientErrors
}

/** Objects with the same representation are fetched once. */
function representAll(fetch: CompiledFetch, objects: readonly JsonObject[]): readonly Entity[] {
  const entities = new Map<string, Entity>()
  for (const object of objects) {
    const value = fetch.represent?.(object)
    if (!value) continue
    fetch.rewriteInput?.(value)
    const text = JSON.stringify(value)
    const known = entities.get(text)
    if (known) known.objects.push(object)
    else entities.set(text, { text, value, objects: [object] })
  }
  return [...entities.values()]
}

function variablesText(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
  representations: readonly string[] | null,
): string {
  const parts = names.flatMap((name) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`]
  })
  if (representations) parts.push(`"representations":[${representations.join(',')}]`)
  return `{${parts.join(',')}}`
}

function merge(
  fetch: CompiledFetch,
  data: JsonObject,
  objects: readonly JsonObject[],
  entities: readonly Entity[] | null,
): void {
  if (!entities) {
    fetch.rewriteOutput?.(data)
    mergeIntoEach(objects, data)
    return
  }
  const received = data[ENTITIES] as readonly unknown[]
  for (const [index, entity] of entities.entries()) {
    const result = received[index]
    if (!isJsonObject(result)) continue
    if (fetch.interfaces.has(result.__typename)) delete result.__typename
    if (fetch.rewriteOutput) {
      // Rewrites may hold for some types only.
      result.__typename ??= entity.objects[0]?.__typename
      fetch.rewriteOutput(result)
    }
    mergeIntoEach(entity.objects, result)
  }
}

/** Every object but the last gets a copy: what a later fetch adds to one of them must not show in the others. */
function mergeIntoEach(objects: readonly JsonObject[], source: JsonObject): void {
  for (const [index, object] of objects.entries()) {
    mergeInto(object, index === objects.length - 1 ? source : copyJson(source))
  }
}

/** Whether there is a result, if only null, for each representation. */
function answersAll(data: JsonObject | null, entities: readonly Entity[] | null): boolean {
  if (!entities) return data !== null
  const received = data?.[ENTITIES]
  return Array.isArray(received) && received.length === entities.length
}

function wrongCount(subgraph: string): FetchFailure {
  const { code, retryable } = GATEWAY_ERRORS.SUBGRAPH_INVALID_RESPONSE
  return { code, retryable, message: `${subgraph} answered for other objects than it was asked for` }
}

/** Gives errors their paths in the client's answer; an error of an entity is one of each object that it stands for. */
function locate(
  errors: readonly ResponseError[],
  fetch: CompiledFetch,
  entities: readonly Entity[] | null,
  scope: FetchScope,
): readonly ClientError[] {
  const paths = new Map<JsonObject, Path[]>()
  for (const { object, path } of placesAt(scope.data, fetch.path)) {
    const known = paths.get(object)
    if (known) known.push(path)
    else paths.set(object, [path])
  }
  const all = [...paths.values()].flat()

  function pathsOf(path: Path | undefined): readonly (Path | undefined)[] {
    if (path === undefined) return [commonPrefix(all)]
    if (!entities) return all.map((at) => [...at, ...renamed(path, fetch)])
    const [, index, ...rest] = path
    const objects = typeof index === 'number' ? (entities[index]?.objects ?? []) : []
    const at = objects.flatMap((object) => paths.get(object) ?? [])
    return at.map((each) => [...each, ...renamed(rest, fetch)])
  }

  return errors.flatMap((error) =>
    pathsOf(error.path).map((path) =>
      clientError(error, { path, subgraph: fetch.subgraph, requestId: scope.requestId }),
    ),
  )
}

/** Undefined where it is the whole answer. */
function commonPrefix(paths: readonly Path[]): Path | undefined {
  const [first = [], ...others] = paths
  let length = first.length
  for (const path of others) {
    let same = 0
    while (same < length && path[same] === first[same]) same += 1
    length = same
  }
  return length === 0 ? undefined : first.slice(0, length)
}

function renamed(path: Path, { renamedKeys }: CompiledFetch): Path {
  return renamedKeys.size === 0 ? path : path.map((key) => renamedKeys.get(String(key)) ?? key)
}
