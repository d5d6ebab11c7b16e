import { jsonObjectSchema } from '@bulkhead/contracts'
import { z } from 'zod'
import { ANALYSIS_METHODS, EFFECT_SCALES } from './analysis-plan.ts'
import { METRIC_KINDS } from './metric.ts'

/** A plan as it is stored with an experiment, and with each analysis. */
export const planSchema = z.object({
  method: z.enum(ANALYSIS_METHODS),
  scale: z.enum(EFFECT_SCALES),
  twoSided: z.boolean(),
  alpha: z.number(),
  power: z.number(),
  spending: z.string().nullable(),
  looks: z.int().nullable(),
  cuped: z.boolean(),
  segments: z.array(z.string()),
  exclusions: z.array(z.object({ savedGroup: z.string(), version: z.int() })),
  plannedSampleSize: z.int().nullable(),
  plannedEnd: z.number().nullable(),
  noAnalysis: z.literal(true).exactOptional(),
})

/** One version of a metric as it is stored. */
export const metricDefinitionSchema = z.object({
  key: z.string(),
  version: z.int(),
  name: z.string(),
  kind: z.enum(METRIC_KINDS),
  event: z.string(),
  denominatorEvent: z.string().nullable(),
  quantile: z.number().nullable(),
  windowHours: z.int(),
  filter: jsonObjectSchema.nullable(),
  cap: z.number().nullable(),
  capPercentile: z.number().nullable(),
  lowerIsBetter: z.boolean(),
  createdBy: z.string(),
  createdAt: z.number(),
})
