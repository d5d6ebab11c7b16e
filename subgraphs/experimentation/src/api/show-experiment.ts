import type { ApiClient } from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import { unknownExperiment } from './change-experiment.ts'

const DOCUMENT = /* GraphQL */ `
  query ShowExperiment($key: ID!) {
    experiment(key: $key) {
      key kind name hypothesis owner status revision version unitType surfaces coverage condition exposureTrigger
      layer { key } layerRange { from to }
      createdBy createdAt startedAt stoppedAt
      variants { key name weight payload isControl }
      metrics { role margin metric { key version kind } }
      plan {
        hash method scale twoSided alpha power spending looks cuped segments plannedSampleSize plannedEnd noAnalysis
      }
      reviews { by approved comment at }
      exposureCounts { variantKey units exposures asOf }
      health { kind passed pValue detail }
      results {
        id cutoff final complete units
        metrics {
          metric { key version } role variantKey
          effect { estimate lower upper } relative { estimate } pValue significant
        }
        verdict { recommendation variantKey }
      }
      decision { outcome variantKey rationale decidedBy decidedAt reviewedBy }
    }
  }
`

const time = z.iso.datetime()
const experimentSchema = z.object({
  key: z.string(),
  kind: z.string(),
  name: z.string(),
  hypothesis: z.string(),
  owner: z.string(),
  status: z.string(),
  revision: z.int(),
  version: z.int(),
  unitType: z.string(),
  surfaces: z.array(z.string()),
  coverage: z.number(),
  condition: z.unknown(),
  exposureTrigger: z.string(),
  layer: z.object({ key: z.string() }).nullable(),
  layerRange: z.object({ from: z.number(), to: z.number() }).nullable(),
  createdBy: z.string(),
  createdAt: time,
  startedAt: time.nullable(),
  stoppedAt: time.nullable(),
  variants: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      weight: z.number(),
      payload: z.unknown(),
      isControl: z.boolean(),
    }),
  ),
  metrics: z.array(
    z.object({
      role: z.string(),
      margin: z.number().nullable(),
      metric: z.object({ key: z.string(), version: z.int(), kind: z.string() }),
    }),
  ),
  plan: z.object({
    hash: z.string(),
    method: z.string(),
    scale: z.enum(['ABSOLUTE', 'RELATIVE']),
    twoSided: z.boolean(),
    alpha: z.number(),
    power: z.number(),
    spending: z.string().nullable(),
    looks: z.int().nullable(),
    cuped: z.boolean(),
    segments: z.array(z.string()),
    plannedSampleSize: z.int().nullable(),
    plannedEnd: time.nullable(),
    noAnalysis: z.boolean(),
  }),
  reviews: z.array(z.object({ by: z.string(), approved: z.boolean(), comment: z.string(), at: time })),
  exposureCounts: z
    .array(
      z.object({
        variantKey: z.string().nullable(),
        units: z.int(),
        exposures: z.int(),
        asOf: time,
      }),
    )
    .nullable(),
  health: z
    .array(
      z.object({
        kind: z.string(),
        passed: z.boolean(),
        pValue: z.number().nullable(),
        detail: z.string(),
      }),
    )
    .nullable(),
  results: z
    .object({
      id: z.string(),
      cutoff: time,
      final: z.boolean(),
      complete: z.boolean(),
      units: z.int(),
      metrics: z.array(
        z.object({
          metric: z.object({ key: z.string(), version: z.int() }),
          role: z.string(),
          variantKey: z.string(),
          effect: z.object({
            estimate: z.number(),
            lower: z.number().nullable(),
            upper: z.number().nullable(),
          }),
          /** Null where the control's mean is 0: the effect is absolute then. */
          relative: z.object({ estimate: z.number() }).nullable(),
          pValue: z.number().nullable(),
          significant: z.boolean(),
        }),
      ),
      verdict: z.object({ recommendation: z.string(), variantKey: z.string().nullable() }),
    })
    .nullable(),
  decision: z
    .object({
      outcome: z.string(),
      variantKey: z.string().nullable(),
      rationale: z.string(),
      decidedBy: z.string(),
      decidedAt: time,
      reviewedBy: z.string().nullable(),
    })
    .nullable(),
})
const dataSchema = z.object({ experiment: experimentSchema.nullable() })

/** What is shown of an experiment; times are RFC 3339. */
export type ShownExperiment = z.infer<typeof experimentSchema>

/**
 * An experiment, what was counted, and its newest results.
 * @throws ApiError, also where there is no such experiment
 */
export async function showExperiment(client: ApiClient, key: string): Promise<ShownExperiment> {
  const { experiment } = await client.run(DOCUMENT, { key }, dataSchema)
  if (experiment === null) throw unknownExperiment(key)
  return experiment
}
