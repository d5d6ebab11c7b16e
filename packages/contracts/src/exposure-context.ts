import { z } from 'zod'
import { identifierSchema } from './primitives.ts'

/** Upper bound on assignments per slate. */
export const MAX_CONTEXT_ASSIGNMENTS = 64

/** Upper bound on the characters of an encoded context. Longer text is refused before it is decoded. */
export const MAX_ENCODED_CONTEXT_LENGTH = 16_384

/** ExposureContext v1: the assignments under which a slate was served, as part of the slate's federation key. */
export type ExposureContext = {
  /** The snapshot that was evaluated; null where the slate was served without one. */
  snapshotVersion: number | null
  assignments: ContextAssignment[]
}

export type ContextAssignment = {
  experimentKey: string
  experimentVersion: number
  variantKey: string
  unit: string
  /** False where the variant could not take effect. */
  applied: boolean
}

export type ExposureContextReading =
  | { type: 'context'; context: ExposureContext }
  | { type: 'refused'; message: string }

/**
 * What an encoded context holds. Without names, and with each unit once, because the text is part of every slate's key and
 * should be short.
 */
export const exposureContextWireSchema = z.tuple([
  z.int().min(1).nullable(),
  z.array(identifierSchema).max(MAX_CONTEXT_ASSIGNMENTS),
  z
    .array(
      z.tuple([
        identifierSchema,
        z.int().min(1),
        identifierSchema,
        z.int().min(0),
        z.union([z.literal(0), z.literal(1)]),
      ]),
    )
    .max(MAX_CONTEXT_ASSIGNMENTS),
])

/** The context of a slate without assignments. */
export const EMPTY_EXPOSURE_CONTEXT: ExposureContext = { snapshotVersion: null, assignments: [] }

/**
 * Writes a context as `1.` + base64url of `[snapshotVersion, units, [[experimentKey, experimentVersion, variantKey,
 * index of the unit, applied as 0 or 1], ...]]`. Equal contexts give equal text.
 *
 * @throws RangeError for more than `MAX_CONTEXT_ASSIGNMENTS` assignments or `MAX_ENCODED_CONTEXT_LENGTH` characters, which
 *   no reader accepts. The caller then serves the slate unassigned, since its exposures could not be recorded.
 */
export function encodeExposureContext(context: ExposureContext): string {
  if (context.assignments.length > MAX_CONTEXT_ASSIGNMENTS) {
    throw new RangeError(`an exposure context holds at most ${MAX_CONTEXT_ASSIGNMENTS} assignments`)
  }
  const units = [...new Set(context.assignments.map((assignment) => assignment.unit))]
  const wire: z.infer<typeof exposureContextWireSchema> = [
    context.snapshotVersion,
    units,
    context.assignments.map((assignment) => [
      assignment.experimentKey,
      assignment.experimentVersion,
      assignment.variantKey,
      units.indexOf(assignment.unit),
      assignment.applied ? 1 : 0,
    ]),
  ]
  const encoded = `1.${Buffer.from(JSON.stringify(wire), 'utf8').toString('base64url')}`
  if (encoded.length > MAX_ENCODED_CONTEXT_LENGTH) {
    throw new RangeError(`an encoded exposure context is at most ${MAX_ENCODED_CONTEXT_LENGTH} characters`)
  }
  return encoded
}

/**
 * Reads what any version of `encodeExposureContext` has written, since slates outlive releases. Never throws. A version
 * that was released keeps its case here and its vectors in `vectors/exposure-context.json`.
 */
export function decodeExposureContext(text: string): ExposureContextReading {
  if (text.length > MAX_ENCODED_CONTEXT_LENGTH) return refused('the exposure context is too long')
  const dot = text.indexOf('.')
  const version = text.slice(0, Math.max(dot, 0))
  const body = text.slice(dot + 1)
  switch (version) {
    case '1':
      return decodeV1(body)
    default:
      return refused('the exposure context has an unknown version')
  }
}

function decodeV1(body: string): ExposureContextReading {
  const parsed = exposureContextWireSchema.safeParse(parseBase64urlJson(body))
  if (!parsed.success) return refused('the exposure context is malformed')
  const [snapshotVersion, units, rows] = parsed.data
  const assignments: ContextAssignment[] = []
  for (const [experimentKey, experimentVersion, variantKey, unitIndex, applied] of rows) {
    const unit = units[unitIndex]
    if (unit === undefined) return refused('the exposure context names a unit that it does not list')
    assignments.push({ experimentKey, experimentVersion, variantKey, unit, applied: applied === 1 })
  }
  return { type: 'context', context: { snapshotVersion, assignments } }
}

/** Undefined where the text is not the base64url of UTF-8 JSON. */
function parseBase64urlJson(text: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64url')))
  } catch {
    return undefined
  }
}

function refused(message: string): ExposureContextReading {
  return { type: 'refused', message }
}
