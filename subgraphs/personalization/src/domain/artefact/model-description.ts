import { canonicalJson, type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'
import { z } from 'zod'
import { ArtefactError } from './artefact-error.ts'

/** What an artefact says of its model, whatever its kind. */
export type ModelDescription = {
  /** Which tensors there are, and what they mean. */
  readonly kind: string
  /** What the model is and how it was trained, for people. */
  readonly algorithm: string
  readonly parameters: JsonObject
  /** Changes with the data that the model was trained on. */
  readonly trainingFingerprint: string
}

/** Of the metadata and of every kind's tensors together: what reads an older artefact wrongly needs a new one. */
const FORMAT_VERSION = '1'

const textSchema = z.string({ error: 'is missing' }).min(1, 'is empty')
const metadataSchema = z.object({
  kind: textSchema,
  format_version: z.literal(FORMAT_VERSION, { error: `must be ${FORMAT_VERSION}` }),
  algorithm: textSchema,
  parameters: textSchema.transform(parseMetadataJson).pipe(jsonObjectSchema),
  training_fingerprint: textSchema,
})

export function toMetadata(description: ModelDescription): ReadonlyMap<string, string> {
  const metadata: z.input<typeof metadataSchema> = {
    kind: description.kind,
    format_version: FORMAT_VERSION,
    algorithm: description.algorithm,
    parameters: canonicalJson(description.parameters),
    training_fingerprint: description.trainingFingerprint,
  }
  return new Map(Object.entries(metadata))
}

/** Further keys, such as those that a training framework adds, are left alone. */
export function parseDescription(metadata: ReadonlyMap<string, string>): ModelDescription {
  const parsed = metadataSchema.safeParse(Object.fromEntries(metadata))
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is unreadable' }
    throw new ArtefactError(`its metadata "${path.join('.')}" ${message}`)
  }
  const { kind, algorithm, parameters, training_fingerprint: trainingFingerprint } = parsed.data
  return { kind, algorithm, parameters, trainingFingerprint }
}

/** Undefined for what is missing or no JSON, which is no object either. */
export function parseMetadataJson(text: string | undefined): unknown {
  try {
    if (text === undefined) return undefined
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
