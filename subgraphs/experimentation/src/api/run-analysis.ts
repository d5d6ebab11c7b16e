import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, ApiError, refusedWith } from '@bulkhead/service/api/api-client'
import { z } from 'zod'

const DOCUMENT = /* GraphQL */ `
  mutation RunAnalysis($input: RunAnalysisInput!) {
    runAnalysis(input: $input) {
      analysis {
        id hash experimentVersion plan { hash method scale } cutoff asOf final complete units createdAt requestedBy
        metrics { ...result }
        missing { ...missing }
        bySegment {
          segment segmentValues { value units } segmentOmittedUnits
          metrics { ...result } missing { ...missing }
        }
        health { kind passed pValue observed expected detail }
        verdict { recommendation variantKey reasons { rule holds detail } }
      }
      errors { code message }
    }
  }

  fragment result on MetricResult {
    metric { key version } role variantKey segmentValue method
    controlUnits units controlMean mean controlVariance variance
    effect { estimate lower upper } absolute { estimate lower upper } relative { estimate lower upper }
    nullValue alphaUsed pValue adjustedPValue significant
    looks { cutoff units fraction bound nominalAlpha spent effect { estimate lower upper } pValue crossed }
  }

  fragment missing on MissingResult { metric { key version } role variantKey segmentValue reason }
`

const WAIT_MS = 2_000
/** What goes away by itself; the same request joins the analysis that runs. */
const WAITING: ReadonlySet<string> = new Set(['ANALYSIS_RUNNING', 'ANALYSES_OVERLOADED'])

const intervalSchema = z.object({
  estimate: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
})
const testedShape = {
  metric: z.object({ key: z.string(), version: z.int() }),
  role: z.enum(['SUCCESS', 'GUARDRAIL', 'DETERIORATION', 'QUALITY']),
  variantKey: z.string(),
  segmentValue: z.string().nullable(),
}
const resultSchema = z.object({
  ...testedShape,
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
  pValue: z.number(),
  adjustedPValue: z.number(),
  significant: z.boolean(),
  looks: z.array(
    z.object({
      cutoff: z.iso.datetime(),
      units: z.int(),
      fraction: z.number(),
      bound: z.number(),
      nominalAlpha: z.number(),
      spent: z.number(),
      effect: intervalSchema.nullable(),
      pValue: z.number().nullable(),
      crossed: z.boolean(),
    }),
  ),
})
const missingSchema = z.object({ ...testedShape, reason: z.string() })
const analysisSchema = z.object({
  id: z.string(),
  hash: z.string(),
  experimentVersion: z.int(),
  plan: z.object({ hash: z.string(), method: z.string(), scale: z.enum(['ABSOLUTE', 'RELATIVE']) }),
  cutoff: z.iso.datetime(),
  asOf: z.string(),
  final: z.boolean(),
  complete: z.boolean(),
  units: z.int(),
  createdAt: z.iso.datetime(),
  requestedBy: z.string(),
  metrics: z.array(resultSchema),
  missing: z.array(missingSchema),
  bySegment: z.array(
    z.object({
      segment: z.string(),
      segmentValues: z.array(z.object({ value: z.string().nullable(), units: z.int() })),
      segmentOmittedUnits: z.int(),
      metrics: z.array(resultSchema),
      missing: z.array(missingSchema),
    }),
  ),
  health: z.array(
    z.object({
      kind: z.string(),
      passed: z.boolean(),
      pValue: z.number().nullable(),
      observed: z.array(z.number()),
      expected: z.array(z.number()),
      detail: z.string(),
    }),
  ),
  verdict: z.object({
    recommendation: z.enum(['SHIP', 'ROLLBACK', 'ITERATE', 'CONTINUE', 'INVALID']),
    variantKey: z.string().nullable(),
    reasons: z.array(z.object({ rule: z.string(), holds: z.boolean(), detail: z.string() })),
  }),
})
const dataSchema = z.object({
  runAnalysis: z.object({
    analysis: analysisSchema.nullable(),
    errors: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
})

export type ApiAnalysis = z.infer<typeof analysisSchema>

/**
 * Has the service compute and store an analysis, and waits for it however long it takes, up to a bound.
 *
 * @param options.cutoff epoch milliseconds; the same one is sent each time, so that a repeated request joins the first
 * @param options.onWait called once when the analysis is not there at once
 * @throws ApiError where it is refused, or not there within `timeoutMs`
 */
export async function runAnalysisByApi(
  client: ApiClient,
  options: {
    readonly experimentKey: string
    readonly cutoff: number
    readonly timeoutMs: number
    readonly waitMs?: number
    readonly onWait?: (message: string) => void
  },
): Promise<ApiAnalysis> {
  const { experimentKey, cutoff, timeoutMs, waitMs = WAIT_MS, onWait } = options
  const input = { key: experimentKey, cutoff: new Date(cutoff).toISOString() }
  const end = performance.now() + timeoutMs
  for (let attempt = 0; ; attempt += 1) {
    const { analysis, errors } = (await client.run(DOCUMENT, { input }, dataSchema)).runAnalysis
    if (analysis !== null) return analysis
    const [error] = errors
    if (error === undefined) throw new ApiError('the API has stored nothing, and gives no reason')
    if (!WAITING.has(error.code) || performance.now() >= end) throw refusedWith(errors)
    if (attempt === 0) onWait?.(error.message)
    await sleep(waitMs)
  }
}
