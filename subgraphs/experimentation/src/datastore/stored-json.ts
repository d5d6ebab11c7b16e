import {
  type AssignmentSnapshot,
  assignmentSnapshotSchema,
  bootstrapDecisionSchema,
  DECISION_OUTCOMES,
  decisionRecordSchema,
  EXPOSURE_TRIGGERS,
  exactValue,
  ingestEventSchema,
  jsonObjectSchema,
  MAX_EVENT_VALUE,
  recipeSchema,
} from '@bulkhead/contracts'
import { z } from 'zod'
import type { AuditEntry } from '../domain/audit/entry.ts'
import {
  EXPERIMENT_KINDS,
  EXPERIMENT_STATUSES,
  type Experiment,
  UNKNOWN_AUTHOR,
} from '../domain/experiment.ts'
import { BOOTSTRAP_STATUSES, type Bootstrap } from '../domain/governance/bootstrap.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { METRIC_ROLES } from '../domain/plan/metric.ts'
import { metricDefinitionSchema, planSchema } from '../domain/plan/plan-schema.ts'
import { ANALYSIS_ENGINES, type StoredAnalysis } from '../domain/stored-analysis.ts'
import type { StoredEvent } from '../domain/stored-event.ts'
import type { TargetingDefinition } from '../domain/targeting/definitions.ts'
import type { MetricVersions } from './port.ts'

/**
 * Both adapters store JSON text, and beside it the few fields that they search by. Text keeps any key (`$`, `.`,
 * `__proto__`) and any number unchanged, byte for byte.
 */
const variantsSchema = z.array(
  z.object({
    key: z.string(),
    name: z.string(),
    weight: z.number(),
    payload: jsonObjectSchema.nullable(),
    isControl: z.boolean(),
  }),
)

const reviewSchema = z.object({ by: z.string(), approved: z.boolean(), comment: z.string(), at: z.number() })

const rangeSchema = z.object({ from: z.number(), to: z.number() })

const targetingShape = {
  layer: rangeSchema.extend({ key: z.string() }).nullable(),
  condition: jsonObjectSchema.nullable(),
  forced: z.array(z.object({ unit: z.string(), variantKey: z.string() })),
  prerequisites: z.array(
    z.object({ experimentKey: z.string(), variantKeys: z.array(z.string()).nullable() }),
  ),
}

/** What the first releases did not have; `readExperiment` fills it in. */
const governanceSchema = z
  .object({
    kind: z.enum(EXPERIMENT_KINDS),
    ...targetingShape,
    holdbackOf: z.string().nullable(),
    metrics: z.array(
      z.object({
        metricKey: z.string(),
        metricVersion: z.int(),
        role: z.enum(METRIC_ROLES),
        margin: z.number().nullable(),
      }),
    ),
    plan: planSchema,
    createdBy: z.string(),
    authors: z.array(z.string()),
    reviews: z.array(reviewSchema.extend({ submission: z.int() })),
    startQuorum: z.int().nullable(),
    versions: z.array(
      z.object({
        version: z.int(),
        since: z.number(),
        variants: variantsSchema,
        ramp: z.array(
          z.object({ at: z.number(), coverage: z.number(), layerRange: rangeSchema.exactOptional() }),
        ),
      }),
    ),
    decision: z
      .object({
        outcome: z.enum(DECISION_OUTCOMES),
        variantKey: z.string().nullable(),
        modelVersionId: z.string().nullable(),
        artefactHash: z.string().nullable(),
        rationale: z.string(),
        decidedBy: z.string(),
        decidedAt: z.number(),
        reviews: z.array(reviewSchema),
        quorum: z.int().nullable(),
        analysis: z.object({ id: z.string(), hash: z.string() }).exactOptional(),
        recipe: recipeSchema.exactOptional(),
        signed: decisionRecordSchema.nullable(),
      })
      .nullable(),
  })
  .partial()

const experimentSchema = governanceSchema.extend({
  key: z.string(),
  name: z.string(),
  hypothesis: z.string(),
  owner: z.string(),
  status: z.enum(EXPERIMENT_STATUSES),
  revision: z.int(),
  version: z.int(),
  unitType: z.string(),
  surfaces: z.array(z.string()),
  coverage: z.number(),
  exposureTrigger: z.enum(EXPOSURE_TRIGGERS),
  variants: variantsSchema,
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  stoppedAt: z.number().nullable(),
  history: z.array(
    z.object({
      from: z.enum(EXPERIMENT_STATUSES),
      to: z.enum(EXPERIMENT_STATUSES),
      at: z.number(),
      // Not recorded by the first release.
      by: z.string().optional(),
      reason: z.string(),
    }),
  ),
})

/**
 * Checks a stored text and returns its value unchanged. The schema's copy would lack fields that a newer release wrote,
 * and a snapshot without them no longer matches its signature.
 */
function read<T>(schema: z.ZodType<T>, what: string, body: string): T {
  const value: unknown = JSON.parse(body)
  assertMatches(schema, what, value)
  return value
}

function assertMatches<T>(schema: z.ZodType<T>, what: string, value: unknown): asserts value is T {
  const { error } = schema.safeParse(value)
  if (error !== undefined) throw new Error(`the stored ${what} cannot be read: ${z.prettifyError(error)}`)
}

export function readExperiment(body: string): Experiment {
  const stored = read(experimentSchema, 'experiment', body)
  const { version, variants, coverage, startedAt, createdBy = UNKNOWN_AUTHOR } = stored
  const first = (since: number) => ({ version, since, variants, ramp: [{ at: since, coverage }] })
  return {
    ...stored,
    kind: stored.kind ?? 'STANDARD',
    holdbackOf: stored.holdbackOf ?? null,
    layer: stored.layer ?? null,
    condition: stored.condition ?? null,
    forced: stored.forced ?? [],
    prerequisites: stored.prerequisites ?? [],
    metrics: stored.metrics ?? [],
    plan: stored.plan ?? EMPTY_PLAN,
    createdBy,
    authors: stored.authors ?? [createdBy],
    reviews: stored.reviews ?? [],
    startQuorum: stored.startQuorum ?? null,
    versions: stored.versions ?? (startedAt === null ? [] : [first(startedAt)]),
    history: stored.history.map((change) => ({ ...change, by: change.by ?? UNKNOWN_AUTHOR })),
    decision: stored.decision ?? null,
  }
}

const metricVersionsSchema = z.object({
  key: z.string(),
  versions: z.array(metricDefinitionSchema).min(1),
})

const definedShape = {
  key: z.string(),
  name: z.string(),
  version: z.int(),
  createdBy: z.string(),
  createdAt: z.number(),
}
const targetingDefinitionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('layer'), value: z.object(definedShape) }),
  z.object({
    kind: z.literal('holdout'),
    value: z.object({
      ...definedShape,
      share: z.number(),
      unitType: z.string(),
      layers: z.array(z.string()),
    }),
  }),
  z.object({
    kind: z.literal('savedGroup'),
    value: z.object({ ...definedShape, values: z.array(z.union([z.string(), z.number()])) }),
  }),
])

export function readTargetingDefinition(body: string): TargetingDefinition {
  return read(targetingDefinitionSchema, 'layer, holdout or saved group', body)
}

export function readMetricVersions(body: string): MetricVersions {
  return read(metricVersionsSchema, 'metric', body)
}

const bootstrapSchema = z.object({
  modelVersionId: z.string(),
  revision: z.int(),
  status: z.enum(BOOTSTRAP_STATUSES),
  artefactHash: z.string(),
  evaluationHash: z.string().nullable(),
  rationale: z.string(),
  decidedBy: z.string(),
  decidedAt: z.number(),
  reviews: z.array(reviewSchema.extend({ submission: z.int() })),
  submission: z.int(),
  signed: bootstrapDecisionSchema.nullable(),
})

export function readBootstrap(body: string): Bootstrap {
  return read(bootstrapSchema, 'bootstrap decision', body)
}

const auditEntrySchema = z.object({
  sequence: z.int(),
  at: z.number(),
  by: z.string(),
  action: z.string(),
  subject: z.string(),
  before: jsonObjectSchema.nullable(),
  after: jsonObjectSchema.nullable(),
  reason: z.string(),
  hash: z.string(),
})

export function readAuditEntry(body: string): AuditEntry {
  return read(auditEntrySchema, 'audit entry', body)
}

export function readSnapshot(body: string): AssignmentSnapshot {
  return read(assignmentSnapshotSchema, 'snapshot', body)
}

const storedAnalysisSchema = z.object({
  id: z.string(),
  experimentKey: z.string(),
  experimentVersion: z.int(),
  cutoff: z.number(),
  asOf: z.number(),
  segment: z.string().nullable(),
  content: jsonObjectSchema,
  version: z.object({ version: z.int(), variants: variantsSchema }),
  intervals: z.array(z.object({ from: z.number(), to: z.number().nullable() })),
  final: z.boolean(),
  engine: z.enum(ANALYSIS_ENGINES),
  sql: z.array(z.string()),
  erasedBefore: z.int(),
  createdAt: z.number(),
  requestedBy: z.string(),
})

export function readStoredAnalysis(body: string): StoredAnalysis {
  return read(storedAnalysisSchema, 'analysis', body)
}

/** An event as releases stored it that kept each by itself. */
export function readEvent(body: string): StoredEvent {
  const stored: unknown = JSON.parse(body)
  const { value, ...rest } = z.looseObject({ value: storedValueSchema }).parse(stored)
  assertMatches(ingestEventSchema, 'event', rest)
  return rest.kind === 'interaction' ? { ...rest, value } : rest
}

/** Releases before exact values stored the number. One that is out of range now is not a value that can be summed. */
const storedValueSchema = z
  .union([z.string().transform(BigInt), z.number(), z.null()])
  .optional()
  .transform((value) => {
    if (typeof value !== 'number') return value ?? null
    return Math.abs(value) <= MAX_EVENT_VALUE ? exactValue(value) : null
  })
