import { z } from 'zod'
import { isPlainObject, jsonObjectSchema, jsonValueSchema } from '../json.ts'
import { identifierSchema, instantSchema, keySchema, shareSchema } from '../primitives.ts'

/**
 * Upper bound on the octets of a published snapshot: the publisher makes no longer one, and a subscriber stops reading.
 * 1,000 experiments with large payloads take about 13 MB.
 */
export const MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024

const snapshotVariantSchema = z.object({
  key: keySchema,
  weight: shareSchema,
  /** ServingPayload v1, checked again where it is served; null for "the default experience". */
  payload: jsonObjectSchema.nullable(),
})

const layerRangeSchema = z
  .object({
    key: keySchema,
    from: shareSchema,
    to: shareSchema,
    /** Of the units' positions in the layer; see `layerHashVersion`. */
    hashVersion: z.int().exactOptional(),
  })
  .refine((range) => range.from < range.to, 'is an empty layer range')

/** Not `z.record()`, which drops a unit named `__proto__`. */
const forcedSchema = z.custom<Readonly<Record<string, string>>>(
  (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(
      ([unit, variantKey]) =>
        identifierSchema.safeParse(unit).success && keySchema.safeParse(variantKey).success,
    ),
  'must map units to variant keys',
)

const prerequisiteSchema = z.object({
  experimentKey: keySchema,
  /** One of these; absent means any variant. */
  variantKeys: z.array(keySchema).min(1).exactOptional(),
})

/**
 * `status`, both `hashVersion`s, `trigger` and `condition` accept more than the evaluator supports. If a newer publisher uses
 * a new value, a subscriber treats that one experiment as UNSUPPORTED and still reads the snapshot.
 */
export const snapshotExperimentSchema = z.object({
  key: keySchema,
  version: z.int().min(1),
  status: z.string(),
  unitType: z.string(),
  seed: z.string(),
  hashVersion: z.int(),
  /** Where it may be triggered; empty means everywhere. */
  surfaces: z.array(keySchema),
  /** The half-open range within the layer's [0, 1) that belongs to this experiment; null outside any layer. */
  layer: layerRangeSchema.nullable(),
  coverage: shareSchema,
  /** GrowthBook's targeting condition; null for everyone. */
  condition: jsonValueSchema,
  /** Experiments of this snapshot that have to include the unit. */
  prerequisites: z.array(prerequisiteSchema).max(20).exactOptional(),
  /** Unit to variant key, for QA; never counted. */
  forced: forcedSchema,
  trigger: z.string(),
  variants: z.array(snapshotVariantSchema).min(1).max(100),
})

/** AssignmentSnapshot v1. Experimentation publishes it, personalization evaluates it. */
export const assignmentSnapshotSchema = z.object({
  /** Unique. Each snapshot has a higher one than those before. */
  version: z.int().min(1),
  publishedAt: instantSchema,
  layers: z.array(z.object({ key: keySchema })),
  /** Holdout v1, see `holdoutSchema`. Looser here, because a reader refuses what it cannot evaluate with a code of its own. */
  holdouts: z.array(jsonObjectSchema),
  /** The lists that conditions name with `$inGroup` and `$notInGroup`. */
  savedGroups: z.record(keySchema, z.array(z.union([z.string(), z.number()]))).exactOptional(),
  experiments: z.array(snapshotExperimentSchema),
  /**
   * What live model versions need: each a DecisionRecord v1 or a BootstrapDecision v1 as it was signed. `readDecision` and
   * `readBootstrap` tell which, so that a kind of a newer publisher does not make the snapshot unreadable.
   */
  decisions: z.array(jsonObjectSchema),
  keyId: identifierSchema,
  /** Ed25519 over the canonical JSON of everything above, base64url. */
  signature: z.base64url(),
})

export type AssignmentSnapshot = z.infer<typeof assignmentSnapshotSchema>
export type UnsignedSnapshot = Omit<AssignmentSnapshot, 'keyId' | 'signature'>
export type SnapshotExperiment = z.infer<typeof snapshotExperimentSchema>
export type LayerRange = z.infer<typeof layerRangeSchema>
export type SnapshotVariant = z.infer<typeof snapshotVariantSchema>
