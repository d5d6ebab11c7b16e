import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { identifierSchema, instantSchema, keySchema, sha256Schema } from '../primitives.ts'
import { readSigned, signInDomain } from './signature-domain.ts'

export const DECISION_OUTCOMES = ['SHIP', 'ROLLBACK', 'ITERATE'] as const
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number]

/** How long after it was made a decision may let a model version into production, bootstrap decisions too. */
export const DECISION_MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000

/** Upper bound on the parameters of a recipe. */
const MAX_RECIPE_PARAMETERS = 50

/** How a model version was trained, so that another can be trained like it on newer data. */
export const recipeSchema = z.object({
  /** Such as `ease`. */
  algorithm: keySchema,
  /** Every one, those with their default values included. */
  parameters: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/), z.number())
    .refine((parameters) => Object.keys(parameters).length <= MAX_RECIPE_PARAMETERS, {
      message: `has more than ${MAX_RECIPE_PARAMETERS} parameters`,
    }),
  /** What it learns from. */
  dataSource: identifierSchema,
  /** Of what trains it: another one may give another model from the same data. */
  codeVersion: identifierSchema,
})

export type Recipe = z.infer<typeof recipeSchema>

/** DecisionRecord v1: what was concluded from an experiment, by whom, and on what. */
export const decisionRecordSchema = z.object({
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  outcome: z.enum(DECISION_OUTCOMES),
  /** Null where the decision is about no variant. */
  variantKey: keySchema.nullable(),
  modelVersionId: identifierSchema.nullable(),
  /** Of the model version's artefact; null where it is not known. */
  artefactHash: sha256Schema.nullable(),
  planHash: sha256Schema,
  /** Null where the decision quotes no analysis. */
  analysisHash: sha256Schema.nullable(),
  /**
   * Of a SHIP that also lets in what is trained anew by the same recipe, once that has passed every gate and a canary;
   * absent where it lets in this artefact alone.
   */
  recipe: recipeSchema.exactOptional(),
  rationale: z.string().min(1),
  decidedBy: identifierSchema,
  decidedAt: instantSchema,
  /** Who has approved it, in the order in which they did; empty where no approval was needed. */
  reviewedBy: z.array(identifierSchema),
  keyId: identifierSchema,
  /** Ed25519, base64url; see `signDecision`. */
  signature: z.base64url(),
})

export type DecisionRecord = z.infer<typeof decisionRecordSchema>

/** Signs a record: Ed25519, in the domain `decision`, over the canonical JSON of everything but `signature`. */
export function signDecision(
  record: Omit<DecisionRecord, 'keyId' | 'signature'>,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): DecisionRecord {
  const signed = { ...record, keyId: key.keyId }
  return { ...signed, signature: signInDomain('decision', canonicalJson(signed), key.privateKey) }
}

/** Verifies and parses a record after `JSON.parse`; null where it is none, or not signed by a trusted key. */
export function readDecision(raw: unknown, keyring: ReadonlyMap<string, KeyObject>): DecisionRecord | null {
  return readSigned('decision', decisionRecordSchema, raw, keyring)
}
