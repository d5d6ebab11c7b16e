import { canonicalHash, type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'
import { z } from 'zod'
import type { Analysis } from '../../analysis/analyse.ts'
import { METRIC_ROLES } from '../../domain/plan/metric.ts'
import { metricDefinitionSchema, planSchema } from '../../domain/plan/plan-schema.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'

export const HEALTH_CHECK_KINDS = [
  'SERVED_SAMPLE_RATIO',
  'TRIGGERED_SAMPLE_RATIO',
  'MULTIPLE_EXPOSURE',
  'MISSING_DATA',
  'PRE_EXPOSURE_BALANCE',
  'UNEQUAL_DEGRADATION',
] as const

export const VERDICT_KINDS = ['SHIP', 'ROLLBACK', 'ITERATE', 'CONTINUE', 'INVALID'] as const

const roleSchema = z.enum(METRIC_ROLES)
const intervalSchema = z.object({
  estimate: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
})
const testedSchema = z.object({
  metricKey: z.string(),
  metricVersion: z.int(),
  role: roleSchema,
  variantKey: z.string(),
})

const lookSchema = z.object({ cutoff: z.number(), units: z.int(), fraction: z.number() })
const resultsSchema = z.array(
  testedSchema.extend({
    method: z.string(),
    controlUnits: z.int(),
    units: z.int(),
    controlMean: z.number(),
    mean: z.number(),
    controlVariance: z.number(),
    variance: z.number(),
    effect: intervalSchema,
    absolute: intervalSchema,
    relative: intervalSchema.nullable(),
    nullValue: z.number(),
    alphaUsed: z.number(),
    pValue: z.number().nullable(),
    adjustedPValue: z.number().nullable().exactOptional(),
    significant: z.boolean(),
    looks: z
      .array(
        lookSchema.extend({
          bound: z.number(),
          nominalAlpha: z.number(),
          spent: z.number(),
          effect: intervalSchema.nullable(),
          pValue: z.number().nullable(),
          crossed: z.boolean(),
        }),
      )
      .exactOptional(),
  }),
)
const missingSchema = z.array(testedSchema.extend({ reason: z.string() }))

/** What is read of an analysis that this release, or an earlier one, has stored. Fields that are not named here stay. */
const recordedSchema = z.object({
  experimentKey: z.string(),
  experimentVersion: z.int(),
  plan: planSchema,
  metrics: z.array(
    z.object({ definition: metricDefinitionSchema, role: roleSchema, margin: z.number().nullable() }),
  ),
  cutoff: z.number(),
  asOf: z.number(),
  codeVersion: z.string(),
  complete: z.boolean(),
  units: z.int(),
  looks: z.array(lookSchema).exactOptional(),
  results: resultsSchema,
  missing: missingSchema,
  segments: z
    .array(
      z.object({
        attribute: z.string(),
        values: z.array(
          z.object({
            value: z.string().nullable(),
            units: z.int(),
            results: resultsSchema,
            missing: missingSchema,
          }),
        ),
        omitted: z.object({ values: z.int(), units: z.int() }),
      }),
    )
    .exactOptional(),
  health: z.array(
    z.object({
      kind: z.enum(HEALTH_CHECK_KINDS),
      passed: z.boolean(),
      pValue: z.number().nullable(),
      observed: z.array(z.number()),
      expected: z.array(z.number()),
      detail: z.string(),
    }),
  ),
  verdict: z.object({
    recommendation: z.enum(VERDICT_KINDS),
    variantKey: z.string().nullable(),
    reasons: z.array(z.object({ rule: z.string(), holds: z.boolean(), detail: z.string() })),
  }),
})

export type RecordedAnalysis = z.infer<typeof recordedSchema>

/** Everything that the hash of an analysis covers, as JSON. */
export function hashedContent(analysis: Analysis): JsonObject {
  const { hash: _, sql: __, ...content } = analysis
  return jsonObjectSchema.parse(JSON.parse(JSON.stringify(content)))
}

/** Whether a stored analysis still is what was hashed. */
export function isIntact({ id, content }: Pick<StoredAnalysis, 'id' | 'content'>): boolean {
  return canonicalHash(content) === id
}

/** @throws Error where this release cannot read it */
export function readRecorded({ id, content }: Pick<StoredAnalysis, 'id' | 'content'>): RecordedAnalysis {
  const { error } = recordedSchema.safeParse(content)
  if (error !== undefined) throw new Error(`analysis ${id} cannot be read: ${z.prettifyError(error)}`)
  // As it was stored: the schema's copy lacks what a newer release wrote.
  return content as JsonObject & RecordedAnalysis
}

export type RecordedSegment = NonNullable<RecordedAnalysis['segments']>[number]

/** A stored analysis, with what was computed as this release reads it. */
export type AnalysisRecord = {
  readonly stored: StoredAnalysis
  readonly recorded: RecordedAnalysis
  /** The part of it that is asked for; null for all units. */
  readonly segment: RecordedSegment | null
}

/** @throws Error where this release cannot read it */
export function toRecord(stored: StoredAnalysis): AnalysisRecord {
  return { stored, recorded: readRecorded(stored), segment: null }
}

/** The same analysis by an attribute; null where its plan does not name it. */
export function bySegment(record: AnalysisRecord, attribute: string): AnalysisRecord | null {
  const segment = record.recorded.segments?.find((one) => one.attribute === attribute)
  return segment === undefined ? null : { ...record, segment }
}
