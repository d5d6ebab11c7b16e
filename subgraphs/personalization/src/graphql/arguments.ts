import { identifierSchema, jsonObjectSchema, keySchema, sha256Schema } from '@bulkhead/contracts'
import { COMMON_ERRORS, type ServiceError, serviceError } from '@bulkhead/service/errors'
import { z } from 'zod'
import type { ItemFilter, ModelVersionFilter } from '../datastore/port.ts'
import { MAX_SLATE_SIZE, type RecommendationRequest } from '../domain/pipeline/query.ts'
import type { SimilarItemsRequest } from '../domain/pipeline/similar-items.ts'
import type { Registration } from '../services/register-model.ts'
import type {
  ItemFilter as ItemFilterArgument,
  ModelVersionFilter as ModelVersionFilterArgument,
  QueryRecommendationsArgs,
  QuerySimilarItemsArgs,
  RegisterModelInput,
  RequireFields,
} from './resolver-types.generated.ts'

const MAX_EXCLUDE = 1000
const MAX_SIMILAR_ITEMS = 100
const MAX_ATTRIBUTES_BYTES = 4096
const MAX_FILTER_VALUES = 500
const MAX_TEXT = 256

const registrationSchema = z.object({ model: keySchema, artefactHash: sha256Schema, owner: identifierSchema })

const attributesSchema = jsonObjectSchema
  .refine(
    (attributes) => Buffer.byteLength(JSON.stringify(attributes)) <= MAX_ATTRIBUTES_BYTES,
    `must be at most ${MAX_ATTRIBUTES_BYTES} bytes of JSON`,
  )
  .nullable()

const recommendationsSchema = z.object({
  userId: identifierSchema,
  surface: keySchema,
  size: z
    .int(`must be 1 to ${MAX_SLATE_SIZE}`)
    .min(1, `must be 1 to ${MAX_SLATE_SIZE}`)
    .max(MAX_SLATE_SIZE, `must be 1 to ${MAX_SLATE_SIZE}`),
  exclude: z.array(identifierSchema).max(MAX_EXCLUDE, `must be at most ${MAX_EXCLUDE} ids`),
  attributes: attributesSchema,
})

const similarItemsSchema = z.object({
  itemId: identifierSchema,
  userId: identifierSchema.nullable(),
  first: z
    .int(`must be 1 to ${MAX_SIMILAR_ITEMS}`)
    .min(1, `must be 1 to ${MAX_SIMILAR_ITEMS}`)
    .max(MAX_SIMILAR_ITEMS, `must be 1 to ${MAX_SIMILAR_ITEMS}`),
  attributes: attributesSchema,
})

const filterText = z.string().max(MAX_TEXT, `must be at most ${MAX_TEXT} characters`)
const filterTexts = z.array(filterText).max(MAX_FILTER_VALUES, `must be at most ${MAX_FILTER_VALUES} values`)

const itemFilterSchema = z.object({
  ids: filterTexts.nullish(),
  categories: filterTexts.nullish(),
  creator: filterText.nullish(),
  titleContains: filterText.nullish(),
  available: z.boolean().nullish(),
})

/** @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseRecommendationsArgs(
  args: RequireFields<QueryRecommendationsArgs, 'exclude' | 'qaOverrides' | 'size' | 'surface' | 'userId'>,
): Omit<RecommendationRequest, 'overrides'> {
  return parse(recommendationsSchema, { ...args, attributes: args.attributes ?? null })
}

/** @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseSimilarItemsArgs(
  args: RequireFields<QuerySimilarItemsArgs, 'first' | 'itemId'>,
): SimilarItemsRequest {
  const { userId = null, attributes = null } = args
  return parse(similarItemsSchema, { ...args, userId, attributes })
}

/** @throws ServiceError BAD_USER_INPUT */
export function parseIdentifier(name: string, value: string): string {
  const parsed = identifierSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw refusal([name], 'must be 1 to 256 characters of well-formed text')
}

/** @throws ServiceError BAD_USER_INPUT */
export function parseRegistration(input: RegisterModelInput): Registration {
  return parse(registrationSchema, input, ['input'])
}

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT */
export function parseItemFilter(filter: ItemFilterArgument | null | undefined): ItemFilter {
  return withoutNulls(parse(itemFilterSchema, filter ?? {}, ['filter']))
}

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT */
export function parseModelVersionFilter(
  filter: ModelVersionFilterArgument | null | undefined,
): ModelVersionFilter {
  const { model, stages } = filter ?? {}
  return withoutNulls({
    model: parse(filterText.nullish(), model, ['filter', 'model']),
    // GraphQL has checked that they are stages; the set removes repetitions, so that the list is short.
    stages: stages === null || stages === undefined ? stages : [...new Set(stages)],
  })
}

function parse<T>(schema: z.ZodType<T>, value: unknown, at: readonly string[] = []): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw refusal([...at, ...(issue?.path ?? []).map(String)], issue?.message ?? 'is not valid')
}

function refusal(path: readonly string[], message: string): ServiceError {
  return serviceError(COMMON_ERRORS.BAD_USER_INPUT, `\`${path.join('.')}\` ${message}.`, { path })
}

type WithoutNulls<T> = { [K in keyof T]?: NonNullable<T[K]> }

/** Clients may send null for a filter that they do not use; the store's filters leave it out. */
function withoutNulls<T extends object>(value: T): WithoutNulls<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== null && member !== undefined),
  ) as WithoutNulls<T>
}
