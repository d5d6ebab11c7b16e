import {
  type Assignment,
  type JsonObject,
  SERVING_PARAMETERS,
  type ServingPayload,
  type SnapshotExperiment,
  servingPayloadSchema,
} from '@bulkhead/contracts'

/** What changes the order within a list as a slate fills; see `rerankerFor`. */
export type RerankParameters = {
  /** Weight of relevance against similarity to what was picked, 0 to 1. 1: relevance alone. */
  readonly mmrLambda: number
  /** What relevance is multiplied by for each pick of the same creator before, 0 to 1. 1: nothing is lost. */
  readonly creatorDecay: number
  /** Weight of the listener's mix of categories, 0 to 1. 0: none. */
  readonly calibration: number
}

export const NO_RERANKING: RerankParameters = { mmrLambda: 1, creatorDecay: 1, calibration: 0 }

/** Everything that an experiment can set. */
export type ServingParameters = RerankParameters & {
  /** Null serves what is in production. */
  readonly modelVersionId: string | null
  /** Candidate sources by name; each fills a share of the slate in proportion to its weight. */
  readonly mix: readonly { readonly name: string; readonly weight: number }[]
  /** Null where one creator may fill the slate. */
  readonly maxPerCreator: number | null
  /** Probability with which a position is filled by a uniformly random candidate. */
  readonly epsilon: number
}

/** For users in no experiment: the model, filled up by other sources where it has too few items. */
export const DEFAULT_PARAMETERS: ServingParameters = {
  ...NO_RERANKING,
  modelVersionId: null,
  mix: [{ name: 'model', weight: 1 }],
  maxPerCreator: null,
  epsilon: 0,
}

export type MergedPayloads = {
  readonly parameters: ServingParameters
  /** Assignments whose payload was ignored; their `applied` is false. */
  readonly ignored: ReadonlySet<Assignment>
}

/**
 * The parameters that the included assignments ask for, in their order. A payload is ignored as a whole when it does
 * not parse, pins a model version that `hasModel` does not know, or sets what an earlier one has set: otherwise half a
 * treatment would be recorded as a whole one. A null payload asks for nothing.
 */
export function mergePayloads(
  assignments: readonly Assignment[],
  hasModel: (versionId: string) => boolean,
): MergedPayloads {
  const merged: ServingPayload = {}
  const ignored = new Set<Assignment>()
  for (const assignment of assignments) {
    const payload = assignment.variant?.payload ?? null
    if (payload === null) continue
    const parsed = parsePayload(payload)
    if (parsed === null || pinsUnknownModel(parsed, hasModel) || overlaps(parsed, merged))
      ignored.add(assignment)
    else Object.assign(merged, parsed)
  }
  return { parameters: withDefaults(merged), ignored }
}

function withDefaults(payload: ServingPayload): ServingParameters {
  return {
    modelVersionId: payload.modelVersionId ?? DEFAULT_PARAMETERS.modelVersionId,
    mix: payload.sources ?? DEFAULT_PARAMETERS.mix,
    maxPerCreator: payload.diversity?.maxPerCreator ?? DEFAULT_PARAMETERS.maxPerCreator,
    mmrLambda: payload.diversity?.mmrLambda ?? DEFAULT_PARAMETERS.mmrLambda,
    creatorDecay: payload.diversity?.creatorDecay ?? DEFAULT_PARAMETERS.creatorDecay,
    calibration: payload.diversity?.calibration ?? DEFAULT_PARAMETERS.calibration,
    epsilon: payload.exploration?.epsilon ?? DEFAULT_PARAMETERS.epsilon,
  }
}

function pinsUnknownModel(payload: ServingPayload, hasModel: (versionId: string) => boolean): boolean {
  return payload.modelVersionId !== undefined && !hasModel(payload.modelVersionId)
}

function overlaps(a: ServingPayload, b: ServingPayload): boolean {
  return SERVING_PARAMETERS.some((parameter) => Object.hasOwn(a, parameter) && Object.hasOwn(b, parameter))
}

/** The model versions that an experiment's variants serve. */
export function pinnedVersions({ variants }: Pick<SnapshotExperiment, 'variants'>): readonly string[] {
  return variants.flatMap(({ payload }) => {
    const id = payload === null ? undefined : parsePayload(payload)?.modelVersionId
    return id === undefined ? [] : [id]
  })
}

/** A snapshot never changes, so its payloads are parsed once each, not once a request. */
const parsedPayloads = new WeakMap<JsonObject, ServingPayload | null>()

/** The payload as ServingPayload v1, or null where it is none. */
function parsePayload(payload: JsonObject): ServingPayload | null {
  const known = parsedPayloads.get(payload)
  if (known !== undefined) return known
  const parsed = servingPayloadSchema.safeParse(payload).data ?? null
  parsedPayloads.set(payload, parsed)
  return parsed
}
