import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { identifierSchema, instantSchema, sha256Schema } from '../primitives.ts'
import { readSigned, signInDomain } from './signature-domain.ts'

/**
 * BootstrapDecision v1: lets the first model of a deployment into production, where there is no champion yet that an
 * experiment could compare it with. Two people always make it.
 */
export const bootstrapDecisionSchema = z
  .object({
    kind: z.literal('bootstrap'),
    modelVersionId: identifierSchema,
    /** Of the model version's artefact. */
    artefactHash: sha256Schema,
    /** Of the evaluation that it rests on; null where it names none. */
    evaluationHash: sha256Schema.nullable(),
    rationale: z.string().min(1),
    decidedBy: identifierSchema,
    decidedAt: instantSchema,
    /** Who has approved it, in the order in which they did. */
    reviewedBy: z.array(identifierSchema).min(1),
    keyId: identifierSchema,
    /** Ed25519, base64url; see `signBootstrap`. */
    signature: z.base64url(),
  })
  .refine(({ decidedBy, reviewedBy }) => !reviewedBy.includes(decidedBy), {
    path: ['reviewedBy'],
    message: 'has the author of the decision among its reviewers',
  })

export type BootstrapDecision = z.infer<typeof bootstrapDecisionSchema>

/**
 * Signs a decision: Ed25519, in the domain `bootstrap`, over the canonical JSON of everything but `signature`.
 * @throws ZodError for a decision that no reader accepts
 */
export function signBootstrap(
  decision: Omit<BootstrapDecision, 'keyId' | 'signature'>,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): BootstrapDecision {
  const signed = { ...decision, keyId: key.keyId }
  const signature = signInDomain('bootstrap', canonicalJson(signed), key.privateKey)
  bootstrapDecisionSchema.parse({ ...signed, signature })
  return { ...signed, signature }
}

/** Verifies and parses a decision after `JSON.parse`; null where it is none, or not signed by a trusted key. */
export function readBootstrap(
  raw: unknown,
  keyring: ReadonlyMap<string, KeyObject>,
): BootstrapDecision | null {
  return readSigned('bootstrap', bootstrapDecisionSchema, raw, keyring)
}
